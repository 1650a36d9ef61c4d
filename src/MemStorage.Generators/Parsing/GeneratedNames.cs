using MemStorage.Generators.Model;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.Generators.Parsing;

/// <summary>Whether the names of what is generated are free (MST0011): a repository may be extended as a partial class, nothing else may be there.</summary>
internal static class GeneratedNames
{
    /// <summary>The static class of the method on the store; the containers of a nested entity are part of it.</summary>
    public static string ExtensionClass(INamedTypeSymbol entity)
    {
        string name = entity.Name;
        for (INamedTypeSymbol? container = entity.ContainingType; container is not null; container = container.ContainingType)
            name = container.Name + name;
        return name + "MemStoreExtensions";
    }

    public static bool AreFree(EntityContext context, KeyModel key, string accessibility)
    {
        INamedTypeSymbol entity = context.Entity;
        INamespaceOrTypeSymbol beside = (INamespaceOrTypeSymbol?)entity.ContainingType ?? entity.ContainingNamespace;
        return Check(context, beside, entity.Name + "Repository", type => IsExtension(type, accessibility, context.CancellationToken))
            & (!key.IsComposite || Check(context, beside, entity.Name + "Key", static _ => false))
            & Check(context, entity.ContainingNamespace, ExtensionClass(entity), static _ => false);
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
