using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Sharing.Flow;

/// <summary>Constructors in the head of a type: their parameters reach initializers of members and the bodies of methods.</summary>
internal static class PrimaryConstructor
{
    /// <summary>The declaration of the type of this compilation whose primary constructor the method is; null for any other method.</summary>
    public static TypeDeclarationSyntax? Of(IMethodSymbol method, SharingSession session)
    {
        if (method.MethodKind != MethodKind.Constructor)
            return null;
        foreach (SyntaxReference reference in session.Compilation.DeclarationsOf(method.OriginalDefinition))
        {
            if (reference.GetSyntax() is TypeDeclarationSyntax { ParameterList: not null } type)
                return type;
        }
        return null;
    }

    /// <summary>The member of the object that stands for a captured parameter.</summary>
    public static string Captured(IParameterSymbol parameter) => "<" + parameter.Name + ">";

    /// <summary>The call of the base's constructor in the head of the type.</summary>
    public static IInvocationOperation? BaseCall(TypeDeclarationSyntax type, SharingSession session, CancellationToken cancellationToken)
    {
        PrimaryConstructorBaseTypeSyntax? call = type.BaseList?.Types.OfType<PrimaryConstructorBaseTypeSyntax>().FirstOrDefault();
        return call is null ? null : session.ModelOf(call.SyntaxTree).GetOperation(call, cancellationToken) as IInvocationOperation;
    }

    /// <summary>The initializers that may use a parameter, in the order of the text.</summary>
    public static IEnumerable<ControlFlowGraph> Initializers(TypeDeclarationSyntax type, SharingSession session, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(type.ParameterList!.Parameters.Select(static p => p.Identifier.ValueText), StringComparer.Ordinal);
        foreach (MemberDeclarationSyntax member in type.Members)
        {
            IEnumerable<EqualsValueClauseSyntax?> initializers = member switch
            {
                PropertyDeclarationSyntax property => [property.Initializer],
                FieldDeclarationSyntax field => field.Declaration.Variables.Select(static v => v.Initializer),
                _ => [],
            };
            foreach (EqualsValueClauseSyntax? initializer in initializers)
            {
                if (initializer is not null && initializer.DescendantTokens().Any(t => names.Contains(t.ValueText))
                    && session.Summaries.GraphOfInitializer(initializer, cancellationToken) is { } graph)
                    yield return graph;
            }
        }
    }
}
