using Microsoft.CodeAnalysis;

namespace MemStorage.Analyzers;

/// <summary>
/// Which declarations an analysis may look into: those of its own compilation. A reference to another project is a compilation with syntax in a workspace (the
/// editor) and metadata without in a build. Its syntax is never used: our compilation has no semantic model for it, and the editor would say what the build does not.
/// </summary>
internal static class OwnDeclarations
{
    /// <summary>Whether the symbol is declared by this compilation, not by a reference.</summary>
    public static bool Declares(this Compilation compilation, ISymbol? symbol) => SymbolEqualityComparer.Default.Equals(symbol?.ContainingAssembly, compilation.Assembly);

    /// <summary>The symbol's declarations in this compilation; none for the symbol of a reference.</summary>
    public static IEnumerable<SyntaxReference> DeclarationsOf(this Compilation compilation, ISymbol symbol)
    {
        foreach (SyntaxReference reference in symbol.DeclaringSyntaxReferences)
        {
            if (compilation.ContainsSyntaxTree(reference.SyntaxTree))
                yield return reference;
        }
    }
}
