using MemStorage.Generators.Infrastructure;

namespace MemStorage.Generators.Model;

/// <summary>What is registered with dependency injection.</summary>
/// <param name="AssemblyName">The assembly.</param>
/// <param name="Repositories">Its repositories, by name.</param>
internal sealed record RegistrationModel(string AssemblyName, EquatableArray<RegisteredRepository> Repositories);

/// <summary>One repository.</summary>
/// <param name="Repository">The class as source names it.</param>
/// <param name="Key">The key as source names it.</param>
/// <param name="Entity">The entity as source names it.</param>
/// <param name="IsPublic">Whether everybody can name it.</param>
/// <param name="Silenced">The warnings that naming it brings.</param>
internal sealed record RegisteredRepository(string Repository, string Key, string Entity, bool IsPublic, EquatableArray<string> Silenced);

/// <summary>What entities have in common that they must not have.</summary>
/// <param name="Excluded">The full names of the entities that get no repository because of it.</param>
internal sealed record CollisionModel(EquatableArray<string> Excluded);
