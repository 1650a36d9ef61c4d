using System.Collections.Immutable;
using MemStorage.Analyzers.Sharing.Flow;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MemStorage.Analyzers.Sharing;

/// <summary>MST1001 to MST1008: what happens to objects from no-copy reads.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SharingAnalyzer : DiagnosticAnalyzer
{
    /// <summary>Is told the work done in each member, in operations evaluated; for the tests that show that there is no quadratic case.</summary>
    internal Action<ISymbol, int>? OnWork { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => SharingRules.All;

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            KnownSymbols symbols = KnownSymbols.Create(start.Compilation);
            IReadOnlyCollection<string> configured = SourceOptions.Read(start.Options.AnalyzerConfigOptionsProvider, start.Compilation.SyntaxTrees);
            if (!symbols.RuntimeIsReferenced && configured.Count == 0)
                return;
            var session = new SharingSession(start.Compilation, symbols, configured) { OnWork = OnWork };
            // A code-block action, not an operation action: blocks that cannot matter are told by their text and never bound.
            start.RegisterCodeBlockAction(c => Analyze(c, session));
        });
    }

    private static void Analyze(CodeBlockAnalysisContext context, SharingSession session)
    {
        if (!session.Gate.MayMatter(context.CodeBlock, context.CancellationToken))
            return;
        foreach ((SyntaxNode declaration, ISymbol owner) in Bodies(context.CodeBlock, context.OwningSymbol))
        {
            if (SummaryTable.CreateGraph(context.SemanticModel, declaration, context.CancellationToken) is not { } graph)
                continue;
            foreach (Diagnostic diagnostic in MethodFlow.Diagnose(session, owner, graph, context.CancellationToken))
                context.ReportDiagnostic(diagnostic);
        }
    }

    /// <summary>The nodes of a code block that have a body of their own.</summary>
    private static IEnumerable<(SyntaxNode Declaration, ISymbol Owner)> Bodies(SyntaxNode codeBlock, ISymbol owner)
    {
        switch (codeBlock)
        {
            case PropertyDeclarationSyntax property:
                if (property.ExpressionBody is not null)
                    yield return (property.ExpressionBody, Getter(owner));
                if (property.Initializer is not null)
                    yield return (property.Initializer, owner);
                break;
            case IndexerDeclarationSyntax { ExpressionBody: { } body }:
                yield return (body, Getter(owner));
                break;
            case BaseFieldDeclarationSyntax field:
                foreach (VariableDeclaratorSyntax variable in field.Declaration.Variables)
                {
                    if (variable.Initializer is not null)
                        yield return (variable.Initializer, owner);
                }
                break;
            case VariableDeclaratorSyntax { Initializer: { } initializer }:
                yield return (initializer, owner);
                break;
            default:
                yield return (codeBlock, owner);
                break;
        }
    }

    private static ISymbol Getter(ISymbol owner) => owner is IPropertySymbol { GetMethod: { } getter } ? getter : owner;
}
