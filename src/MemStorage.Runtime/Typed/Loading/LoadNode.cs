using MemStorage.Storage;

namespace MemStorage.Typed;

/// <summary>
/// A load as the flow of control of its factory knows it, and a place in the one graph of the process that tells which loads wait for which: one that would close a circle is
/// refused, since all of the circle would wait for ever. Only loads that begin inside a factory come to the graph and its lock.
/// </summary>
/// <remarks>
/// Whatever captures the factory's execution context (a timer, a registration with a token, work that goes on) holds this object for as long as it lives. So it leads to nothing
/// else: not to the <see cref="Flight"/>, which has what was loaded, and to the key only until the load has ended.
/// </remarks>
internal sealed class LoadNode(string entity, object key)
{
    private static readonly AsyncLocal<LoadNode?> s_current = new();

    /// <summary>Guards <see cref="_awaited"/> of all nodes, which may be of different entities and stores. A leaf.</summary>
    private static readonly Lock s_graph = new();

    private volatile object? _key = key;
    private volatile bool _hasLanded;

    /// <summary>The loads that the factory of this one waits for; one that it waits for twice is there twice.</summary>
    private List<LoadNode>? _awaited;

    /// <summary>The load whose factory this flow of control belongs to, while it runs.</summary>
    public static LoadNode? Current => s_current.Value is { _hasLanded: false } node ? node : null;

    /// <summary>Marks this flow of control as the one that runs the factory.</summary>
    public void Enter() => s_current.Value = this;

    /// <summary>The load has ended: nobody waits for it any more.</summary>
    public void Land()
    {
        _hasLanded = true;
        _key = null;
    }

    /// <summary>The factory of this load begins to wait for another, until <see cref="EndWait"/>.</summary>
    /// <returns>Null; or, when that one waits for this one, perhaps by way of others: the circle, and then there is no waiting.</returns>
    public IReadOnlyList<LoadNode>? BeginWait(LoadNode other)
    {
        FaultPoint.Lock();
        lock (s_graph)
        {
            FaultPoint.Allocation();
            // a factory may leave work behind that asks when its own load has landed: nobody waits for that one any more
            if (!_hasLanded && other.WayTo(this) is { } way)
                return way;
            (_awaited ??= []).Add(other);
            return null;
        }
    }

    public void EndWait(LoadNode other)
    {
        using (s_graph.EnterUninterrupted())
            _ = _awaited!.Remove(other);
    }

    /// <summary>As messages name it.</summary>
    public override string ToString() => _key is { } key ? $"{entity} '{key}'" : entity;

    /// <summary>The loads from this one on, each waiting for the next, to <paramref name="goal"/>; null: there is no such way.</summary>
    private List<LoadNode>? WayTo(LoadNode goal)
    {
        if (ReferenceEquals(this, goal))
            return [this];
        if (_awaited is not { Count: > 0 })
            return null;
        Dictionary<LoadNode, LoadNode?> cameFrom = new(ReferenceEqualityComparer.Instance) { [this] = null };
        Queue<LoadNode> open = new([this]);
        while (open.TryDequeue(out LoadNode? node))
        {
            if (node._awaited is null || node._hasLanded)
                continue;
            foreach (LoadNode next in node._awaited)
            {
                if (!cameFrom.TryAdd(next, node))
                    continue;
                if (!ReferenceEquals(next, goal))
                {
                    open.Enqueue(next);
                    continue;
                }
                List<LoadNode> way = [];
                for (LoadNode? at = next; at is not null; at = cameFrom[at])
                    way.Insert(0, at);
                return way;
            }
        }
        return null;
    }
}
