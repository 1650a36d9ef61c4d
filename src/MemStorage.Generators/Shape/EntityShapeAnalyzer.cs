using System.Collections.Immutable;
using MemStorage.Generators.Model;
using MemStorage.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MemStorage.Generators.Shape;

/// <summary>
/// Says what is wrong with the shape of an entity (MST0001 to MST0011, MST0013 to MST0023), while it is typed. It runs the generator's own parser, so
/// that whatever gets no repository gets a diagnostic.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class EntityShapeAnalyzer : DiagnosticAnalyzer
{
    private static readonly Dictionary<ISymbol, string> s_noRoles = new(SymbolEqualityComparer.Default);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(
        ShapeRules.NotMemoryPackable, ShapeRules.NoKey, ShapeRules.KeyOrder, ShapeRules.KeyType, ShapeRules.MutableKey, ShapeRules.VersionType,
        ShapeRules.SeveralVersions, ShapeRules.Placement, ShapeRules.NotStored, ShapeRules.UnstorableMember, ShapeRules.Collision,
        ShapeRules.ShapeChanged, ShapeRules.Unreachable, ShapeRules.LosesValues, ShapeRules.BrokenSerializer, ShapeRules.Options, ShapeRules.IndexType,
        ShapeRules.AmbiguousTime, ShapeRules.NotExtended, ShapeRules.Failed, ShapeRules.NoFormatter, ShapeRules.LosesInitializer);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName(ContractNames.EntityFullName) is null)
                return;
            EntityNeighbours neighbours = new(start.Compilation);
            ShapesFile? shapes = ShapesFile.Find(start.Options.AdditionalFiles, start.CancellationToken);
            start.RegisterSymbolAction(symbol => Analyze(symbol, neighbours, shapes), SymbolKind.NamedType);
        });
    }

    // other types that are stored: entities reach them, here or in projects that refer to this one
    private static void CheckStored(SymbolAnalysisContext context, INamedTypeSymbol type)
    {
        if (!type.HasMemoryPack(ContractNames.MemoryPackable))
            return;
        List<Diagnostic> diagnostics = [];
        StoredTypeRules.Check(type, new StoredType(type), s_noRoles, ShapeReporter.Into(diagnostics, type, context.Compilation), context.CancellationToken);
        foreach (Diagnostic diagnostic in diagnostics)
            context.ReportDiagnostic(diagnostic);
    }

    private static void Analyze(SymbolAnalysisContext context, EntityNeighbours neighbours, ShapesFile? shapes)
    {
        INamedTypeSymbol entity = (INamedTypeSymbol)context.Symbol;
        if (entity.FindAttribute(ContractNames.RuntimeNamespace, ContractNames.Entity) is not { } attribute)
        {
            CheckStored(context, entity);
            return;
        }
        List<Diagnostic> diagnostics = [];
        EntityModel? model;
        try
        {
            model = EntityParser.Parse(entity, attribute, context.Compilation, ShapeReporter.Into(diagnostics, entity, context.Compilation), context.CancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            context.ReportDiagnostic(Diagnostic.Create(ShapeRules.Failed, entity.SourceLocation(), entity.ToDisplayString(), $"{e.GetType().Name}: {e.Message}"));
            return;
        }
        foreach (Diagnostic diagnostic in diagnostics)
            context.ReportDiagnostic(diagnostic);
        if (model is null)
            return;
        HashSet<string> told = new(StringComparer.Ordinal);
        foreach (CollisionFinder.Collision collision in neighbours.CollisionsOf(model, context.CancellationToken))
        {
            EntityModel other = collision.First.Source == model.Source ? collision.Second : collision.First;
            if (!told.Add(other.Source))
                continue;
            context.ReportDiagnostic(Diagnostic.Create(ShapeRules.Collision, entity.SourceLocation(), model.FullName, other.FullName, collision.What, collision.Name));
        }
        shapes?.Check(context, entity, model);
    }
}
