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

    public static bool AreFree(EntityContext context, KeyModel key)
    {
        INamedTypeSymbol entity = context.Entity;
        INamespaceOrTypeSymbol beside = (INamespaceOrTypeSymbol?)entity.ContainingType ?? entity.ContainingNamespace;
        return Check(context, beside, entity.Name + "Repository", mayBePartial: true)
            & (!key.IsComposite || Check(context, beside, entity.Name + "Key", mayBePartial: false))
            & Check(context, entity.ContainingNamespace, ExtensionClass(entity), mayBePartial: false);
    }

    private static bool Check(EntityContext context, INamespaceOrTypeSymbol place, string name, bool mayBePartial)
    {
        foreach (INamedTypeSymbol type in place.GetTypeMembers(name, 0))
        {
            if (!type.DeclaringSyntaxReferences.Any(r => InTheWay(r, mayBePartial, context.CancellationToken)))
                continue;
            context.Reporter.Report(ShapeRules.Collision, context.Entity, context.Entity.ToDisplayString(), type.ToDisplayString(), "type name", name);
            return false;
        }
        return true;
    }

    // the analyzer sees what the generator wrote; that is not in its own way
    private static bool InTheWay(SyntaxReference reference, bool mayBePartial, CancellationToken cancellationToken) =>
        !reference.SyntaxTree.FilePath.EndsWith(ContractNames.GeneratedSuffix, StringComparison.Ordinal)
        && !(mayBePartial && reference.GetSyntax(cancellationToken) is ClassDeclarationSyntax declaration && declaration.Modifiers.Any(SyntaxKind.PartialKeyword));
}
