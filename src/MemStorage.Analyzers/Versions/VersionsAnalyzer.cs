using System.Collections.Immutable;
using MemStorage.Analyzers.Versions.Clocks;
using MemStorage.Analyzers.Versions.DroppedResults;
using MemStorage.Analyzers.Versions.Flow;
using MemStorage.Analyzers.Versions.Outcomes;
using MemStorage.Analyzers.Versions.Retry;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MemStorage.Analyzers.Versions;

/// <summary>MST2001 to MST2009: what happens to versions and to the results of writes.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class VersionsAnalyzer : DiagnosticAnalyzer
{
    /// <summary>Is told the work done in each member, in operations evaluated; for the tests that show that there is no quadratic case.</summary>
    internal Action<ISymbol, int>? OnWork { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => VersionRules.All;

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (VersionSymbols.TryCreate(KnownSymbols.Create(start.Compilation)) is not { } symbols)
                return;
            NameGate gate = VersionNames.CreateGate(symbols, start.CancellationToken);
            start.RegisterCodeBlockAction(block => Analyze(block, symbols, gate, OnWork));
        });
    }

    private static void Analyze(CodeBlockAnalysisContext context, VersionSymbols symbols, NameGate gate, Action<ISymbol, int>? onWork)
    {
        if (!gate.MayMention(context.CodeBlock, context.CancellationToken))
            return;
        foreach (IOperation root in CodeRoots.Of(context.CodeBlock, context.SemanticModel, context.CancellationToken))
        {
            var scan = new VersionScan(root, symbols, context.OwningSymbol, context.ReportDiagnostic, context.CancellationToken);
            DroppedResultRule.Check(scan);
            EmptyConflictRule.Check(scan);
            RetryLoopRule.Check(scan);
            ClockVersionRule.Check(scan);
            VersionAssignedRule.Check(scan);
            int work = VersionFlow.Check(scan);
            onWork?.Invoke(context.OwningSymbol, work);
        }
    }
}
