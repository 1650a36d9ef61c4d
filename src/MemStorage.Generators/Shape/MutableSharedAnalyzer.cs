using System.Collections.Immutable;
using MemStorage.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Generators.Shape;

/// <summary>
/// MST0012: a no-copy read of an entity that can be changed. It says so at the read, once for each, and names the setters for the fix: making them
/// <c>init</c> turns a promise that analyzers watch over into one that the compiler keeps.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class MutableSharedAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(ShapeRules.MutableShared);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName("MemStorage.IMemStorageRepository`2") is { } repository)
                start.RegisterOperationAction(operation => Analyze(operation, repository), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, INamedTypeSymbol repository)
    {
        IInvocationOperation invocation = (IInvocationOperation)context.Operation;
        if (invocation.TargetMethod is not { Name: "GetNoCopy" or "TryGetNoCopy" } method || EntityOf(method.ContainingType, repository) is not { IsValueType: false } entity)
            return;
        List<IPropertySymbol> mutable = [];
        foreach (ISymbol member in entity.DataMembers())
        {
            // the version is the repository's to set; its own rule watches over it
            if (member is IPropertySymbol { SetMethod: { IsInitOnly: false, DeclaredAccessibility: not Accessibility.Private } } property
                && property.FindContract(ContractNames.Version) is null)
            {
                mutable.Add(property);
            }
        }
        if (mutable.Count == 0)
            return;
        // by name, not by place: the entity may stand in another project, and a diagnostic may only point into its own
        ImmutableDictionary<string, string?> setters = ImmutableDictionary<string, string?>.Empty
            .Add(ShapeRules.EntityProperty, entity.OriginalDefinition.GetDocumentationCommentId())
            .Add(ShapeRules.MutableMembersProperty, string.Join(" ", mutable.Select(static p => p.Name)));
        context.ReportDiagnostic(Diagnostic.Create(ShapeRules.MutableShared, invocation.Syntax.GetLocation(), setters, entity.Name, mutable[0].Name));
    }

    private static INamedTypeSymbol? EntityOf(INamedTypeSymbol type, INamedTypeSymbol repository)
    {
        IEnumerable<INamedTypeSymbol> candidates = type.AllInterfaces.Concat([type]);
        return candidates.FirstOrDefault(i => SymbolEqualityComparer.Default.Equals(i.OriginalDefinition, repository))?.TypeArguments[1] as INamedTypeSymbol;
    }
}
