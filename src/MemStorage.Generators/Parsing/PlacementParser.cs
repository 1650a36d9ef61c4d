using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Parsing;

/// <summary>Whether a repository can stand beside a type of this kind, in this place (MST0001, MST0008, MST0016).</summary>
internal static class PlacementParser
{
    public static void Check(EntityContext context)
    {
        INamedTypeSymbol entity = context.Entity;
        if ((ReasonAgainst(entity, context.CancellationToken) ?? ReasonAgainst(context.Compilation)) is { } reason)
            context.Reporter.Report(ShapeRules.Placement, entity, entity.Name, reason);
        else if (MemoryPackTrap(entity, context.Compilation) is { } trap)
            context.Reporter.Report(ShapeRules.BrokenSerializer, entity, entity.Name, trap);
        if (!entity.HasMemoryPack(ContractNames.MemoryPackable))
            context.Reporter.Report(ShapeRules.NotMemoryPackable, entity, entity.Name);
    }

    /// <summary>Why MemoryPack's generator fails for a type of this name or place, or null. True of MemoryPack 1.21.4.</summary>
    public static string? MemoryPackTrap(INamedTypeSymbol type, Compilation compilation)
    {
        if (IsTypeKeyword(type.Name))
            return "its name is a keyword";
        INamespaceOrTypeSymbol? hiding = HidesSystem(type) ? type : null;
        for (INamedTypeSymbol? container = type.ContainingType; container is not null; container = container.ContainingType)
        {
            if (container.TypeKind == TypeKind.Interface)
                return $"it is nested in the interface '{container.Name}'";
            if (container.IsGenericType)
                return $"it is nested in the generic type '{container.Name}'";
            if (IsTypeKeyword(container.Name))
                return $"the name of '{container.Name}' around it is a keyword";
            hiding ??= HidesSystem(container) ? container : null;
        }
        // of the whole compilation: the namespace may have more in it elsewhere than in this project
        for (INamespaceSymbol? space = compilation.GetCompilationNamespace(type.ContainingNamespace); space is { IsGlobalNamespace: false }; space = space.ContainingNamespace)
        {
            if (IsKeyword(space.Name))
                return $"'{space.Name}' in its namespace is a keyword";
            hiding ??= HidesSystem(space) ? space : null;
        }
        return hiding is null ? null : $"'System' in '{hiding.ToDisplayString()}' hides the namespace System from it";
    }

    // its code writes System.Runtime… without global::
    private static bool HidesSystem(INamespaceOrTypeSymbol place)
    {
        if (place is INamedTypeSymbol { Name: "System" })
            return true;
        foreach (ISymbol member in place.GetMembers("System"))
        {
            if (member is INamespaceSymbol or INamedTypeSymbol { Arity: 0 })
                return true;
        }
        return false;
    }

    private static string? ReasonAgainst(INamedTypeSymbol entity, CancellationToken cancellationToken)
    {
        if (entity.TypeKind == TypeKind.Interface)
            return "it is an interface";
        if (entity.IsStatic)
            return "it is static";
        if (entity.IsAbstract)
            return "it is abstract; mark the concrete types, or one that holds the union as a member";
        if (entity.IsRefLikeType)
            return "it is a ref struct";
        if (entity.IsFileLocal)
            return "it is local to its file";
        if (entity.Name == "partial")
            return "its name is 'partial', which the language reads as a modifier";
        if (entity.IsGenericType)
            return "it is generic; mark a type that closes it";
        if (MemoryPackMembers.ModeOf(entity) is MemoryPackMembers.Mode.Collection)
            return "MemoryPack stores it as a collection, without its own members; mark a type that holds the collection";
        if (entity.SelfAndBases().FirstOrDefault(IsPlatformCollection) is { } collection)
            return $"it derives from '{collection.Name}', whose elements MemoryPack does not store with the members; mark a type that holds the collection";
        if (MemoryPackMembers.ModeOf(entity) is MemoryPackMembers.Mode.NoGenerate)
            return "MemoryPack is told to generate no code for it (GenerateType.NoGenerate)";
        if (WarningIds.IsForbidden(entity))
            return "every use of it is an error ([Obsolete(…, error: true)])";
        for (INamedTypeSymbol? container = entity.ContainingType; container is not null; container = container.ContainingType)
        {
            if (container.IsFileLocal)
                return $"'{container.Name}' around it is local to its file";
            if (container.IsGenericType)
                return $"it is nested in the generic type '{container.Name}'";
            if (!container.IsPartial(cancellationToken))
                return $"'{container.Name}' around it is not partial, so the repository cannot be put beside it";
        }
        return null;
    }

    // List<T>, Dictionary<TKey, TValue>, Collection<T>, …: what is in them is private
    private static bool IsPlatformCollection(INamedTypeSymbol type) =>
        type.DeclaringSyntaxReferences.IsEmpty
        && type.ContainingNamespace is { ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true }, Name: "Collections" }
            or { ContainingNamespace: { Name: "Collections", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } } };

    // static abstract members need C# 11, which MemoryPack's code needs too; collection expressions need C# 12
    private static string? ReasonAgainst(Compilation compilation) =>
        compilation is CSharpCompilation { LanguageVersion: < LanguageVersion.CSharp12 and var version }
            ? $"its project is written in C# {version.ToDisplayString()}, and generated code needs C# 12 (LangVersion)"
            : null;

    // words that MemoryPack writes without an @ where the compiler reads them as keywords
    private static bool IsTypeKeyword(string name) => IsKeyword(name) || name is "record" or "var" or "required" or "scoped" or "extension" or "file";

    private static bool IsKeyword(string name) => SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None;
}
