using System.Numerics;
using System.Runtime.CompilerServices;
using MemStorage.Storage;

namespace MemStorage.Typed;

/// <summary>
/// The decoded instances that no-copy reads hand out: a bounded, set-associative table without locks: two sets of four places for each key, because with one
/// set a table that is half full has no place for one key in thirty. It may forget anything at any time; it never answers wrongly, because an instance is handed out only if the store still has the record it was decoded from
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
        uint hash = HashOf(key);
        return FindIn(FirstOf(hash), key) ?? FindIn(SecondOf(hash), key);
    }

    public void Publish(Node node)
    {
        uint hash = HashOf(node.Key);
        int first = FirstOf(hash);
        int second = SecondOf(hash);
        // before any free place: a key has one place, so that its older instance does not linger
        int place = PlaceOf(first, node.Key);
        if (place < 0)
            place = PlaceOf(second, node.Key);
        if (place < 0)
            place = Choose(first, second);
        Volatile.Write(ref _nodes[place], node);
    }

    /// <summary>Forgets an instance whose record is gone, so that it does not stay in memory.</summary>
    public void Forget(Node node)
    {
        uint hash = HashOf(node.Key);
        Forget(node, FirstOf(hash));
        Forget(node, SecondOf(hash));
    }

    private void Forget(Node node, int first)
    {
        for (int i = first; i < first + Ways; i++)
            _ = Interlocked.CompareExchange(ref _nodes[i], null, node);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Node? FindIn(int first, TKey key)
    {
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

    private int PlaceOf(int first, TKey key)
    {
        for (int i = first; i < first + Ways; i++)
            if (Volatile.Read(ref _nodes[i]) is { } other && EqualityComparer<TKey>.Default.Equals(other.Key, key))
                return i;
        return -1;
    }

    /// <summary>A place for a new instance: a free one in the set that has more of them, else that of one not used lately.</summary>
    private int Choose(int first, int second)
    {
        int inFirst = Look(first, out int freeFirst, out int unusedFirst);
        int inSecond = Look(second, out int freeSecond, out int unusedSecond);
        if (inFirst + inSecond > 0)
            return inFirst >= inSecond ? freeFirst : freeSecond;
        if (unusedFirst >= 0)
            return unusedFirst;
        if (unusedSecond >= 0)
            return unusedSecond;
        // all were used since the last time: one goes, the others of its set must be used again to stay
        for (int i = first; i < first + Ways; i++)
            if (Volatile.Read(ref _nodes[i]) is { } other)
                other.Used = false;
        return first + (int)((uint)Interlocked.Increment(ref _hand) % Ways);
    }

    /// <returns>How many places of the set are free.</returns>
    private int Look(int first, out int free, out int unused)
    {
        free = unused = -1;
        int count = 0;
        for (int i = first; i < first + Ways; i++)
        {
            Node? other = Volatile.Read(ref _nodes[i]);
            if (other is null)
            {
                free = i;
                count++;
            }
            else if (!other.Used)
                unused = i;
        }
        return count;
    }

    // keys like 1, 2, 3 have hash codes like 1, 2, 3: multiply, and take upper bits
    private static uint HashOf(TKey key) => (uint)key.GetHashCode() * 0x9E37_79B9u;

    private int FirstOf(uint hash) => (int)(hash >> 10 & _setMask) * Ways;

    /// <summary>The other set of a key. Bits that the first one does not depend on alone: keys that share one set are spread over all.</summary>
    private int SecondOf(uint hash) => (int)((hash ^ hash >> 15) * 0x85EB_CA6Bu >> 12 & _setMask) * Ways;

    internal sealed class Node(TKey key, TEntity entity, in RecordPlace place, bool fixedLife)
    {
        public readonly TKey Key = key;
        public readonly TEntity Entity = entity;
        public readonly RecordPlace Place = place;
        public readonly bool FixedLife = fixedLife;
        public bool Used;
    }
}
