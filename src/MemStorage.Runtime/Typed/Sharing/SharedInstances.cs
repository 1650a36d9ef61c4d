using System.Numerics;
using MemStorage.Storage;

namespace MemStorage.Typed;

/// <summary>
/// The decoded instances that no-copy reads hand out: a bounded, four-way set-associative table without locks. It may forget anything at any
/// time; it never answers wrongly, because an instance is handed out only if the store still has the record it was decoded from
/// (<see cref="ShardReader.IsCurrent"/>), which the caller checks after the look-up here. An instance keeps no memory of the store alive.
/// </summary>
/// <remarks>
/// Nodes are immutable but for the hint <see cref="Node.Used"/>, and are published by a single reference store: a reader sees a
/// whole node or none. Two threads that decode the same version both publish; one instance stays.
/// </remarks>
internal sealed class SharedInstances<TKey, TEntity>
    where TKey : notnull
    where TEntity : notnull
{
    private const int Ways = 4;

    private readonly Node?[] _nodes;
    private readonly uint _setMask;
    private int _hand;

    public SharedInstances(int capacity)
    {
        int rounded = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(capacity, Ways, EntityDescriptor.MaxSharedInstances));
        _nodes = new Node?[rounded];
        _setMask = (uint)(rounded / Ways) - 1;
    }

    public int Capacity => _nodes.Length;

    /// <summary>The instances held now; for tests and diagnostics.</summary>
    public int CountInstances() => _nodes.Count(static n => n is not null);

    public Node? Find(TKey key)
    {
        int first = FirstOf(key);
        for (int i = first; i < first + Ways; i++)
        {
            Node? node = Volatile.Read(ref _nodes[i]);
            if (node is not null && EqualityComparer<TKey>.Default.Equals(node.Key, key))
            {
                if (!node.Used)
                    node.Used = true; // a plain store, only when it changes something: the line stays shared between readers
                return node;
            }
        }
        return null;
    }

    public void Publish(Node node)
    {
        int first = FirstOf(node.Key);
        int free = -1;
        int unused = -1;
        int victim = -1;
        for (int i = first; i < first + Ways && victim < 0; i++)
        {
            Node? other = Volatile.Read(ref _nodes[i]);
            if (other is null)
                free = i;
            else if (EqualityComparer<TKey>.Default.Equals(other.Key, node.Key))
                victim = i; // before any free place: a key has one place, so that its older instance does not linger
            else if (!other.Used)
                unused = i;
        }

        if (victim < 0)
            victim = free >= 0 ? free : unused;
        if (victim < 0)
        {
            // all were used since the last time: one goes, the others must be used again to stay
            victim = first + (int)((uint)Interlocked.Increment(ref _hand) % Ways);
            for (int i = first; i < first + Ways; i++)
                if (Volatile.Read(ref _nodes[i]) is { } other)
                    other.Used = false;
        }
        Volatile.Write(ref _nodes[victim], node);
    }

    /// <summary>Forgets an instance whose record is gone, so that it does not stay in memory.</summary>
    public void Forget(Node node)
    {
        int first = FirstOf(node.Key);
        for (int i = first; i < first + Ways; i++)
            _ = Interlocked.CompareExchange(ref _nodes[i], null, node);
    }

    // keys like 1, 2, 3 have hash codes like 1, 2, 3: multiply, and take the upper bits
    private int FirstOf(TKey key) =>
        (int)(((uint)key.GetHashCode() * 0x9E37_79B9u) >> 10 & _setMask) * Ways;

    internal sealed class Node(TKey key, TEntity entity, in RecordPlace place, bool fixedLife)
    {
        public readonly TKey Key = key;
        public readonly TEntity Entity = entity;
        public readonly RecordPlace Place = place;
        public readonly bool FixedLife = fixedLife;
        public bool Used;
    }
}
