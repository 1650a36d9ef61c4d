using MemStorage.Generators.Model;
using MemStorage.Generators.Parsing;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Shape;

/// <summary>
/// The entities of one compilation, for what they must not have in common. They are collected when the first entity is looked at, not at the end of
/// the compilation: the editor shows no diagnostics of the end.
/// </summary>
internal sealed class EntityNeighbours(Compilation compilation)
{
    private readonly object _gate = new();
    private List<CollisionFinder.Collision>? _collisions;

    /// <summary>The collisions that an entity is part of.</summary>
    public IEnumerable<CollisionFinder.Collision> CollisionsOf(EntityModel entity, CancellationToken cancellationToken)
    {
        List<CollisionFinder.Collision> all;
        lock (_gate)
            all = _collisions ??= CollisionFinder.Find(Collect(cancellationToken));
        return all.Where(c => c.First.Source == entity.Source || c.Second.Source == entity.Source);
    }

    private List<EntityModel> Collect(CancellationToken cancellationToken)
    {
        List<EntityModel> models = [];
        Stack<INamespaceOrTypeSymbol> pending = new([compilation.Assembly.GlobalNamespace]);
        while (pending.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            INamespaceOrTypeSymbol current = pending.Pop();
            if (current is INamedTypeSymbol type && type.FindAttribute(ContractNames.RuntimeNamespace, ContractNames.Entity) is { } attribute
                && EntityParser.Parse(type, attribute, compilation, ShapeReporter.Silent(), cancellationToken) is { } model)
            {
                models.Add(model);
            }
            IEnumerable<INamespaceOrTypeSymbol> inner = current is INamespaceSymbol space ? space.GetMembers() : ((INamedTypeSymbol)current).GetTypeMembers();
            foreach (INamespaceOrTypeSymbol member in inner)
                pending.Push(member);
        }
        models.Sort(static (x, y) => string.CompareOrdinal(x.Source, y.Source));
        return models;
    }
}
