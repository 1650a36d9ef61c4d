using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.Generators.Parsing;

/// <summary>Whether the names of what is generated are free (MST0011): a repository may be extended as a partial class, nothing else may be there.</summary>
internal static class GeneratedNames
{
    private const string ExtensionSuffix = "MemStoreExtensions";

    /// <summary>The static class of the method on the store; the containers of a nested entity are part of it.</summary>
    public static string ExtensionClass(INamedTypeSymbol entity)
    {
        string name = entity.Name;
        for (INamedTypeSymbol? container = entity.ContainingType; container is not null; container = container.ContainingType)
            name = container.Name + name;
        return name + ExtensionSuffix;
    }

    /// <summary>Reports what is in the way of what is generated for an entity.</summary>
    /// <param name="context">The entity.</param>
    /// <param name="key">Its key.</param>
    /// <param name="indexes">Its indexes.</param>
    /// <param name="accessibility">The accessibility of the repository.</param>
    /// <param name="storeMethod">The method on the store; null when there is none.</param>
    public static bool AreFree(EntityContext context, KeyModel key, EquatableArray<IndexModel> indexes, string accessibility, string? storeMethod)
    {
        INamedTypeSymbol entity = context.Entity;
        INamespaceOrTypeSymbol beside = (INamespaceOrTypeSymbol?)entity.ContainingType ?? entity.ContainingNamespace;
        string repository = entity.Name + "Repository";
        return Check(context, beside, repository, type => IsExtension(type, accessibility, context.CancellationToken))
            & (!key.IsComposite || Check(context, beside, entity.Name + "Key", static _ => false))
            & Check(context, entity.ContainingNamespace, ExtensionClass(entity), static _ => false)
            & CheckMembers(context, beside, repository, key, indexes)
            & (storeMethod is null || CheckOtherAssemblies(context, repository, key.IsComposite ? entity.Name + "Key" : null, storeMethod));
    }

    /// <summary>
    /// Whether the interface of the repository is generated: many a project has an <c>IOrderRepository</c> of its own, which stays what it is unless it is
    /// partial.
    /// </summary>
    public static bool HasInterface(EntityContext context, string accessibility)
    {
        INamedTypeSymbol entity = context.Entity;
        string name = $"I{entity.Name}Repository";
        INamespaceOrTypeSymbol beside = (INamespaceOrTypeSymbol?)entity.ContainingType ?? entity.ContainingNamespace;
        foreach (INamedTypeSymbol type in beside.GetTypeMembers(name, 0))
        {
            foreach (SyntaxReference reference in type.DeclaringSyntaxReferences.Where(IsWritten))
            {
                if (reference.GetSyntax(context.CancellationToken) is not InterfaceDeclarationSyntax declaration || !CanBeJoined(declaration.Modifiers, accessibility))
                    return false;
            }
        }
        return entity.ContainingType is not null || !OthersTypes(context).Any(t => t.Name == name);
    }

    // the types of this namespace that other assemblies have and this one can name
    private static IEnumerable<INamedTypeSymbol> OthersTypes(EntityContext context)
    {
        INamespaceSymbol? space = context.Compilation.GetCompilationNamespace(context.Entity.ContainingNamespace);
        if (space is null)
            return [];
        return space.ConstituentNamespaces
            .Where(n => n.ContainingAssembly is { } assembly && !SymbolEqualityComparer.Default.Equals(assembly, context.Compilation.Assembly))
            .SelectMany(static n => n.GetTypeMembers())
            .Where(t => t.Arity == 0 && context.Compilation.IsSymbolAccessibleWithin(t, context.Compilation.Assembly));
    }

    // a type of the same name in an assembly that this one sees makes every use of ours ambiguous, or a warning
    private static bool CheckOtherAssemblies(EntityContext context, string repository, string? key, string storeMethod)
    {
        foreach (INamedTypeSymbol type in OthersTypes(context))
        {
            string? what = type.Name == context.Entity.Name || type.Name == repository || type.Name == key ? "type name"
                : type.Name.EndsWith(ExtensionSuffix, StringComparison.Ordinal) && type.GetMembers(storeMethod).Any(static m => m is IMethodSymbol { IsExtensionMethod: true }) ? "method on the store"
                : null;
            if (what is null)
                continue;
            context.Reporter.Report(
                ShapeRules.Collision, context.Entity, context.Entity.ToDisplayString(), $"{type.ToDisplayString()} in {type.ContainingAssembly.Name}", what,
                what == "type name" ? type.Name : storeMethod);
            return false;
        }
        return true;
    }

    // what people wrote into their part of the repository must not be there a second time
    private static bool CheckMembers(EntityContext context, INamespaceOrTypeSymbol beside, string repository, KeyModel key, EquatableArray<IndexModel> indexes)
    {
        foreach (INamedTypeSymbol type in beside.GetTypeMembers(repository, 0))
        {
            foreach (ISymbol member in type.GetMembers())
            {
                if (!member.DeclaringSyntaxReferences.Any(IsWritten) || member.IsImplicitlyDeclared || !IsGenerated(member, key, indexes))
                    continue;
                context.Reporter.Report(ShapeRules.Collision, context.Entity, context.Entity.ToDisplayString(), type.ToDisplayString(), "member", member.Name);
                return false;
            }
        }
        return true;
    }

    private static bool IsGenerated(ISymbol member, KeyModel key, EquatableArray<IndexModel> indexes)
    {
        if (member.Name == "Traits")
            return true;
        IMethodSymbol? method = member as IMethodSymbol;
        if (method is { MethodKind: MethodKind.StaticConstructor } or { MethodKind: MethodKind.Constructor, Parameters: [{ Type.Name: "MemStore" }] })
            return true;
        foreach (IndexModel index in indexes)
        {
            if (member.Name == "FindBy" + index.PlainName && (method is null || method.Parameters.Length == 1))
                return true;
            if (index.Part.IsOrdered && member.Name == $"Find{index.PlainName}Between" && (method is null || method.Parameters.Length == 2))
                return true;
            if (member.Name == $"Write{index.PlainName}Index")
                return true;
        }
        return key.IsComposite && method is { Name: "Get" or "TryGet" or "GetNoCopy" or "TryGetNoCopy" or "Contains" or "Update" or "Delete" }
            && method.Parameters.Length >= key.Members.Count
            && key.Members.Select(static (m, i) => (m, i)).All(p => method.Parameters[p.i].Type.ToSource() == p.m.Part.Type)
            && method.Parameters.Length <= key.Members.Count + 1
            && (method.Name is "Get" or "GetNoCopy" or "Contains" or "Delete" || method.Parameters.Length > key.Members.Count);
    }

    private static bool Check(EntityContext context, INamespaceOrTypeSymbol place, string name, Func<INamedTypeSymbol, bool> isPartOfIt)
    {
        foreach (INamedTypeSymbol type in place.GetTypeMembers(name, 0))
        {
            if (!type.DeclaringSyntaxReferences.Any(IsWritten) || isPartOfIt(type))
                continue;
            context.Reporter.Report(ShapeRules.Collision, context.Entity, context.Entity.ToDisplayString(), type.ToDisplayString(), "type name", name);
            return false;
        }
        return true;
    }

    // the analyzer sees what the generator wrote; that is not in its own way
    private static bool IsWritten(SyntaxReference reference) => !reference.SyntaxTree.FilePath.EndsWith(ContractNames.GeneratedSuffix, StringComparison.Ordinal);

    /// <summary>Whether everything that people wrote of the type can be a part of a generated repository.</summary>
    private static bool IsExtension(INamedTypeSymbol type, string accessibility, CancellationToken cancellationToken)
    {
        bool ownBase = type.BaseType is { SpecialType: SpecialType.None } && !IsRepositoryBase(type.BaseType);
        if (ownBase || type.HasMemoryPack(ContractNames.MemoryPackable) || type.FindAttribute(ContractNames.RuntimeNamespace, ContractNames.Entity) is not null)
            return false;
        foreach (SyntaxReference reference in type.DeclaringSyntaxReferences.Where(IsWritten))
        {
            if (reference.GetSyntax(cancellationToken) is not ClassDeclarationSyntax { ParameterList: null } declaration || !CanBeJoined(declaration.Modifiers, accessibility))
                return false;
        }
        return true;
    }

    private static bool CanBeJoined(SyntaxTokenList modifiers, string accessibility)
    {
        if (!modifiers.Any(SyntaxKind.PartialKeyword) || modifiers.Any(SyntaxKind.StaticKeyword) || modifiers.Any(SyntaxKind.AbstractKeyword) || modifiers.Any(SyntaxKind.FileKeyword))
            return false;
        // all parts of a type say the same, or nothing
        string written = string.Join(" ", modifiers.Where(static m => m.Kind() is SyntaxKind.PublicKeyword or SyntaxKind.InternalKeyword or SyntaxKind.ProtectedKeyword or SyntaxKind.PrivateKeyword)
            .Select(static m => m.ValueText).OrderByDescending(static w => w, StringComparer.Ordinal));
        return written.Length == 0 || written == accessibility || written == Reverse(accessibility);
    }

    private static string Reverse(string words) => string.Join(" ", Enumerable.Reverse(words.Split(' ')));

    private static bool IsRepositoryBase(INamedTypeSymbol type) =>
        type.Name is "MemStorageRepository" or "MemStorageUnmanagedRepository" && type.IsNamed(ContractNames.RuntimeNamespace, type.Name);
}
