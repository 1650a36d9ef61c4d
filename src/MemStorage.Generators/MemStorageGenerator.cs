using System.Collections.Immutable;
using System.Text;
using MemStorage.Generators.Emit;
using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;
using MemStorage.Generators.Parsing;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace MemStorage.Generators;

/// <summary>
/// Writes the repository of each type marked <c>[MemStorageEntity]</c>, and once per assembly the registration with dependency injection. An entity
/// that is not sound gets nothing; the analyzer beside this generator says why.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class MemStorageGenerator : IIncrementalGenerator
{
    private readonly Action<INamedTypeSymbol>? _parsing;

    /// <summary>Creates the generator.</summary>
    public MemStorageGenerator()
    {
    }

    /// <summary>For tests: looks at each entity before it is read, and may throw.</summary>
    internal MemStorageGenerator(Action<INamedTypeSymbol> parsing) => _parsing = parsing;

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        Action<INamedTypeSymbol>? parsing = _parsing;
        IncrementalValuesProvider<ParsedEntity> parsed = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                ContractNames.EntityFullName, static (node, _) => node is TypeDeclarationSyntax, (entity, cancellationToken) => Execute.Parse(entity, parsing, cancellationToken));

        IncrementalValuesProvider<EntityModel> entities = parsed
            .Where(static entity => entity.Entity is not null)
            .Select(static (entity, _) => entity.Entity!)
            .WithTrackingName(TrackingNames.Entities);

        IncrementalValueProvider<CollisionModel> collisions = entities.Collect()
            .Select(static (all, _) => CollisionFinder.Summarize(all))
            .WithTrackingName(TrackingNames.Collisions);

        IncrementalValuesProvider<EntityModel> repositories = entities.Combine(collisions)
            .Where(static pair => !pair.Right.Excluded.Contains(pair.Left.Source))
            .Select(static (pair, _) => pair.Left)
            .WithTrackingName(TrackingNames.Repositories);

        IncrementalValueProvider<RegistrationModel?> registrations = repositories.Collect()
            .Combine(context.CompilationProvider.Select(RegistrationParser.Parse))
            .Select(static (pair, _) => Execute.Register(pair.Left, pair.Right))
            .WithTrackingName(TrackingNames.Registrations);

        context.RegisterSourceOutput(parsed.Where(static entity => entity.Failure is not null), static (output, entity) => Execute.Report(output, entity.Failure!));
        context.RegisterSourceOutput(repositories, Execute.AddRepository);
        context.RegisterSourceOutput(registrations, Execute.AddRegistration);
    }

    private static class Execute
    {
        // without a byte order mark
        private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

        public static ParsedEntity Parse(GeneratorAttributeSyntaxContext context, Action<INamedTypeSymbol>? parsing, CancellationToken cancellationToken)
        {
            if (context.TargetSymbol is not INamedTypeSymbol entity)
                return new ParsedEntity(null, null);
            try
            {
                parsing?.Invoke(entity);
                return new ParsedEntity(EntityParser.Parse(entity, context.Attributes[0], context.SemanticModel.Compilation, ShapeReporter.Silent(), cancellationToken), null);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                FileLinePositionSpan place = context.TargetNode is TypeDeclarationSyntax declaration
                    ? declaration.Identifier.GetLocation().GetLineSpan()
                    : context.TargetNode.GetLocation().GetLineSpan();
                return new ParsedEntity(null, new FailureModel(entity.ToDisplayString(), Describe(e), place.Path, context.TargetNode.Span, place.Span));
            }
        }

        public static RegistrationModel? Register(ImmutableArray<EntityModel> entities, RegistrationTarget? target)
        {
            EquatableArray<RegisteredRepository> repositories = entities
                .Where(static e => e.ExtensionAccessibility is not null)
                .Select(static e => new RegisteredRepository(e.RepositorySource, e.HasInterface ? e.InterfaceSource : null, e.Key.Type, e.Source, e.ExtensionAccessibility == "public", e.Silenced))
                .OrderBy(static r => r.Repository, StringComparer.Ordinal)
                .ToEquatableArray();
            return target is null || (repositories.Count == 0 && target.Friends.Count == 0)
                ? null
                : new RegistrationModel(target.AssemblyName, repositories, target.DefinesEmbedded, repositories.Count == 0 ? target.Friends : default);
        }

        public static void AddRepository(SourceProductionContext context, EntityModel entity) =>
            Try(context, entity.FullName, () => Add(context, entity.HintName, EntityFileEmitter.Emit(entity)));

        public static void AddRegistration(SourceProductionContext context, RegistrationModel? registration)
        {
            if (registration is null)
                return;
            Try(context, registration.AssemblyName, () =>
            {
                if (registration.DefinesEmbedded)
                    Add(context, ContractNames.EmbeddedHint, RegistrationEmitter.EmitEmbedded());
                Add(context, ContractNames.RegistrationHint, RegistrationEmitter.Emit(registration));
            });
        }

        public static void Report(SourceProductionContext context, FailureModel failure) =>
            context.ReportDiagnostic(Diagnostic.Create(ShapeRules.Failed, failure.Location, failure.Entity, failure.Message));

        private static void Add(SourceProductionContext context, string hint, string text) =>
            context.AddSource(hint + ContractNames.GeneratedSuffix, SourceText.From(text, s_utf8));

        // an exception would end the generator for every entity of the project, and name none
        private static void Try(SourceProductionContext context, string entity, Action action)
        {
            try
            {
                action();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Report(context, new FailureModel(entity, Describe(e), null, default, default));
            }
        }

        private static string Describe(Exception e) => $"{e.GetType().Name}: {e.Message.Replace('\r', ' ').Replace('\n', ' ')}";
    }
}
