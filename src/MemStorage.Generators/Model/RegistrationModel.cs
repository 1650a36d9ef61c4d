using MemStorage.Generators.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace MemStorage.Generators.Model;

/// <summary>What is registered with dependency injection.</summary>
/// <param name="AssemblyName">The assembly.</param>
/// <param name="Repositories">Its repositories, by name.</param>
/// <param name="DefinesEmbedded">Whether the attribute that hides the short method from other assemblies has to be written too.</param>
/// <param name="Friends">Without repositories: the registrations of those assemblies whose internals this one sees, which the short method then stands for.</param>
internal sealed record RegistrationModel(
    string AssemblyName, EquatableArray<RegisteredRepository> Repositories, bool DefinesEmbedded, EquatableArray<string> Friends);

/// <summary>What an assembly needs to know of itself and others for its registration.</summary>
/// <param name="AssemblyName">Its name.</param>
/// <param name="DefinesEmbedded">See <see cref="RegistrationModel.DefinesEmbedded"/>.</param>
/// <param name="Friends">The registrations of the assemblies whose internals it sees: <c>global::…Extensions.AddShopRepositories</c>.</param>
internal sealed record RegistrationTarget(string AssemblyName, bool DefinesEmbedded, EquatableArray<string> Friends);

/// <summary>An entity that the generator failed for, which is a fault of the generator.</summary>
/// <param name="Entity">Its name.</param>
/// <param name="Message">What went wrong.</param>
/// <param name="Path">The file of the entity; null when it is not known.</param>
/// <param name="Span">Where it stands.</param>
/// <param name="Lines">The same in lines.</param>
internal sealed record FailureModel(string Entity, string Message, string? Path, TextSpan Span, LinePositionSpan Lines)
{
    /// <summary>Where the entity stands.</summary>
    public Location Location => Path is null ? Location.None : Location.Create(Path, Span, Lines);
}

/// <summary>What came of one entity: a model or a failure; neither when the analyzer has something to say.</summary>
/// <param name="Entity">The model.</param>
/// <param name="Failure">The failure.</param>
internal sealed record ParsedEntity(EntityModel? Entity, FailureModel? Failure);

/// <summary>One repository.</summary>
/// <param name="Repository">The class as source names it.</param>
/// <param name="Interface">Its interface as source names it; null when there is none.</param>
/// <param name="Key">The key as source names it.</param>
/// <param name="Entity">The entity as source names it.</param>
/// <param name="IsPublic">Whether everybody can name it.</param>
/// <param name="Silenced">The warnings that naming it brings.</param>
internal sealed record RegisteredRepository(string Repository, string? Interface, string Key, string Entity, bool IsPublic, EquatableArray<string> Silenced);

/// <summary>What entities have in common that they must not have.</summary>
/// <param name="Excluded">The full names of the entities that get no repository because of it.</param>
internal sealed record CollisionModel(EquatableArray<string> Excluded);
