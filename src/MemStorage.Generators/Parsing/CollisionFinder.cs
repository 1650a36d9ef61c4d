using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;

namespace MemStorage.Generators.Parsing;

/// <summary>Finds entities that would give the same repository, the same method on the store or the same key space (MST0011).</summary>
internal static class CollisionFinder
{
    /// <summary>A pair of entities and what they share.</summary>
    /// <param name="First">One entity.</param>
    /// <param name="Second">The other.</param>
    /// <param name="What">What is the same: a noun.</param>
    /// <param name="Name">Its name.</param>
    public readonly record struct Collision(EntityModel First, EntityModel Second, string What, string Name);

    /// <summary>All collisions, each entity with the first one that has the same name.</summary>
    public static List<Collision> Find(IEnumerable<EntityModel> entities)
    {
        List<Collision> collisions = [];
        Dictionary<string, EntityModel> repositories = new(StringComparer.Ordinal);
        Dictionary<string, EntityModel> keyTypes = new(StringComparer.Ordinal);
        Dictionary<string, EntityModel> keySpaces = new(StringComparer.Ordinal);
        Dictionary<string, EntityModel> methods = new(StringComparer.Ordinal);
        Dictionary<string, EntityModel> classes = new(StringComparer.Ordinal);
        Dictionary<string, EntityModel> files = new(StringComparer.OrdinalIgnoreCase);
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (EntityModel entity in entities)
        {
            // marked in two of its parts, which the compiler reports
            if (!seen.Add(entity.Source))
                continue;
            Check(repositories, entity.RepositorySource, "repository", entity.QualifiedPrefix.Substring("global::".Length) + entity.RepositoryName);
            if (entity.HasInterface)
                Check(repositories, entity.InterfaceSource, "repository interface", entity.QualifiedPrefix.Substring("global::".Length) + entity.InterfaceName);
            if (entity.Key.IsComposite)
                Check(keyTypes, entity.Key.Type, "key type", entity.PlainName + "Key");
            Check(keySpaces, entity.Options.KeySpace, "key space", entity.Options.KeySpace);
            if (entity.ExtensionAccessibility is not null)
            {
                Check(methods, entity.Namespace + "." + entity.ExtensionName, "method on the store", entity.ExtensionName);
                Check(classes, entity.Namespace + "." + entity.ExtensionClass, "class of the method on the store", entity.ExtensionClass);
            }

            // names of generated files do not distinguish upper and lower case, neither ours nor MemoryPack's
            Check(files, entity.HintName, "file name", entity.FullName);

            void Check(Dictionary<string, EntityModel> known, string identity, string what, string name)
            {
                if (known.TryGetValue(identity, out EntityModel? other))
                    collisions.Add(new Collision(other, entity, what, name));
                else
                    known.Add(identity, entity);
            }
        }
        return collisions;
    }

    /// <summary>The collisions as the pipeline compares them.</summary>
    public static CollisionModel Summarize(IEnumerable<EntityModel> entities)
    {
        IEnumerable<string> excluded = Find(entities).SelectMany(static c => new[] { c.First.Source, c.Second.Source });
        return new CollisionModel(excluded.Distinct().OrderBy(static n => n, StringComparer.Ordinal).ToEquatableArray());
    }
}
