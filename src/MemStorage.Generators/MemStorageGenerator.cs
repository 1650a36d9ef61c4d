using System.Collections.Immutable;
using System.Text;
using MemStorage.Generators.Emit;
using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;
using MemStorage.Generators.Parsing;
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
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<EntityModel> entities = context.SyntaxProvider
            .ForAttributeWithMetadataName(ContractNames.EntityFullName, static (node, _) => node is TypeDeclarationSyntax, Execute.Parse)
            .Where(static entity => entity is not null)
            .Select(static (entity, _) => entity!)
            .WithTrackingName(TrackingNames.Entities);

        IncrementalValueProvider<CollisionModel> collisions = entities.Collect()
            .Select(static (all, _) => CollisionFinder.Summarize(all))
            .WithTrackingName(TrackingNames.Collisions);

        IncrementalValuesProvider<EntityModel> repositories = entities.Combine(collisions)
            .Where(static pair => !pair.Right.Excluded.Contains(pair.Left.Source))
            .Select(static (pair, _) => pair.Left)
            .WithTrackingName(TrackingNames.Repositories);

        IncrementalValueProvider<RegistrationModel?> registrations = repositories.Collect()
            .Combine(context.CompilationProvider.Select(Execute.RegistrationTarget))
            .Select(static (pair, _) => Execute.Register(pair.Left, pair.Right))
            .WithTrackingName(TrackingNames.Registrations);

        context.RegisterSourceOutput(repositories, Execute.AddRepository);
        context.RegisterSourceOutput(registrations, Execute.AddRegistration);
    }

    private static class Execute
    {
        // without a byte order mark
        private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

        public static EntityModel? Parse(GeneratorAttributeSyntaxContext context, CancellationToken cancellationToken) =>
            context.TargetSymbol is INamedTypeSymbol entity
                ? EntityParser.Parse(entity, context.Attributes[0], context.SemanticModel.Compilation, ShapeReporter.Silent(), cancellationToken)
                : null;

        // the assembly's name where services can be registered, else null: a string, so that an edit of a method body changes nothing here
        public static string? RegistrationTarget(Compilation compilation, CancellationToken cancellationToken) =>
            compilation.GetTypeByMetadataName(ContractNames.ServiceCollection) is not null ? compilation.AssemblyName : null;

        public static RegistrationModel? Register(ImmutableArray<EntityModel> entities, string? assemblyName)
        {
            EquatableArray<RegisteredRepository> repositories = entities
                .Where(static e => e.ExtensionAccessibility is not null)
                .Select(static e => new RegisteredRepository(e.RepositorySource, e.Key.Type, e.Source, e.ExtensionAccessibility == "public", e.Silenced))
                .OrderBy(static r => r.Repository, StringComparer.Ordinal)
                .ToEquatableArray();
            return assemblyName is null || repositories.Count == 0 ? null : new RegistrationModel(assemblyName, repositories);
        }

        public static void AddRepository(SourceProductionContext context, EntityModel entity) =>
            context.AddSource(entity.HintName + ContractNames.GeneratedSuffix, SourceText.From(EntityFileEmitter.Emit(entity), s_utf8));

        public static void AddRegistration(SourceProductionContext context, RegistrationModel? registration)
        {
            if (registration is not null)
                context.AddSource("Repositories" + ContractNames.GeneratedSuffix, SourceText.From(RegistrationEmitter.Emit(registration), s_utf8));
        }
    }
}
