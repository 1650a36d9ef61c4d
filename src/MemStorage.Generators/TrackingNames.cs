namespace MemStorage.Generators;

/// <summary>The names of the pipeline's steps, for the tests that watch what is computed again.</summary>
public static class TrackingNames
{
    /// <summary>One model for each entity that is sound in itself.</summary>
    public const string Entities = "Entities";

    /// <summary>What entities have in common that they must not have.</summary>
    public const string Collisions = "Collisions";

    /// <summary>The models that code is generated for.</summary>
    public const string Repositories = "Repositories";

    /// <summary>What is registered with dependency injection.</summary>
    public const string Registrations = "Registrations";

    /// <summary>All of them.</summary>
    public static readonly string[] All = [Entities, Collisions, Repositories, Registrations];
}
