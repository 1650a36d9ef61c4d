using System.Numerics;

namespace MemStorage.Typed;

/// <summary>
/// The secondary indexes of one entity over one store. The store tells of every record that comes or goes, under its shard's lock; a
/// typed write has left the indexed values with the thread before, so that nothing is decoded under a lock. Records from elsewhere (replication, the byte
/// API) are noted as open and read by the next search.
/// </summary>
/// <remarks>
/// What an index says is only a hint: a search reads each entity and compares. What must hold is that no entity is missing: an entity is
/// entered before the write that stores it returns, under the same lock that orders the writes of its key.
/// </remarks>
internal sealed class EntityIndexes
{
    [ThreadStatic]
    private static PendingWrite? t_free;

    [ThreadStatic]
    private static PendingWrite? t_current;

    private readonly Lock _rebuildLock = new();
    private readonly int _stripeMask;
    private volatile bool _stale;
    private volatile bool _repairing;
    private long _nextRebuild;
    private long _scans;

    /// <param name="indexes">How many indexes.</param>
    /// <param name="memory">Where their bytes come from.</param>
    /// <param name="limitBytes">The store's bound: a small store has few stripes and small chunks.</param>
    public EntityIndexes(int indexes, IMemoryReservation memory, long limitBytes)
    {
        Count = indexes;
        int stripes = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(limitBytes / (4 << 20), 1, 8));
        Memory = memory;
        int chunkBytes = ChunkBytesFor(limitBytes);
        Stripes = new IndexStripe[stripes];
        _stripeMask = stripes - 1;
        for (int i = 0; i < stripes; i++)
            Stripes[i] = new IndexStripe(memory, indexes, chunkBytes);
    }

    /// <summary>How many indexes.</summary>
    public int Count { get; }

    /// <summary>Where the bytes come from.</summary>
    public IMemoryReservation Memory { get; }

    public IndexStripe[] Stripes { get; }

    /// <summary>Searches that had to look at every entity, because the bound had no room for the index.</summary>
    public long Scans => Volatile.Read(ref _scans);

    public void CountScan() => Interlocked.Increment(ref _scans);

    public long Bytes => Stripes.Sum(static s => s.Bytes);

    public static int ChunkBytesFor(long limitBytes) => (int)Math.Min(1 << 16, BitOperations.RoundUpToPowerOf2((ulong)Math.Max(limitBytes / 1024, 1024)));

    /// <summary>There are records that these indexes were never told of.</summary>
    public void MarkStale() => _stale = true;

    // ---- writes ----

    /// <summary>Begins to gather the values of an entity that this thread is about to write.</summary>
    public PendingWrite Prepare(ReadOnlySpan<byte> key)
    {
        PendingWrite pending = t_free is { } free && free.Values.Capacity >= Count ? free : new PendingWrite(Count);
        t_free = null;
        pending.Owner = this;
        pending.SetKey(key);
        pending.Values.Clear();
        return pending;
    }

    /// <summary>From now on the store's word that the key is stored means these values.</summary>
    public static void Publish(PendingWrite pending) => t_current = pending;

    public static void Retract(PendingWrite pending)
    {
        t_current = null;
        pending.Owner = null;
        t_free = pending;
    }

    // ---- what the store tells, under a shard's lock ----

    public void OnStored(ReadOnlySpan<byte> key)
    {
        key = key[KeySpace.PrefixLength..];
        uint hash = IndexStripe.HashOf(key);
        if (t_current is { } pending && ReferenceEquals(pending.Owner, this) && pending.Key.SequenceEqual(key))
            StripeOf(hash).Put(hash, key, pending.Values);
        else
            StripeOf(hash).Open(hash, key);
    }

    public void OnRemoved(ReadOnlySpan<byte> key)
    {
        key = key[KeySpace.PrefixLength..];
        uint hash = IndexStripe.HashOf(key);
        StripeOf(hash).Remove(hash, key);
    }

    /// <summary>One of the calls above has thrown: the part of the indexes that the key belongs to is made anew by the next search.</summary>
    public void OnFault(ReadOnlySpan<byte> key) => StripeOf(IndexStripe.HashOf(key[KeySpace.PrefixLength..])).Fail();

    // ---- searches ----

    public IndexStripe StripeOf(uint hash) => Stripes[(hash >> 24) & (uint)_stripeMask];

    /// <summary>Makes the indexes whole: whatever they were not told of is noted as open.</summary>
    /// <param name="keys">All full keys of the space.</param>
    /// <returns>False when the bound has no room for them.</returns>
    public bool Repair(Func<IEnumerable<byte[]>> keys)
    {
        if (!_stale && !_repairing && !Array.Exists(Stripes, static s => s.Failed))
            return true;
        lock (_rebuildLock)
        {
            bool failed = Array.Exists(Stripes, static s => s.Failed);
            if (!_stale && !failed)
                return true;
            long now = Environment.TickCount64;
            if (failed && now < _nextRebuild)
                return false;
            _nextRebuild = now + 1000;
            _repairing = true; // others who search wait at the lock until this is done
            _stale = false;    // before the scan: what becomes stale while it runs is for the next one
            try
            {
                foreach (IndexStripe stripe in Stripes)
                    if (stripe.Failed)
                        stripe.Reset();
                foreach (byte[] full in keys())
                {
                    ReadOnlySpan<byte> key = full.AsSpan(KeySpace.PrefixLength);
                    uint hash = IndexStripe.HashOf(key);
                    StripeOf(hash).OpenIfUnknown(hash, key);
                }
            }
            catch
            {
                _stale = true;
                throw;
            }
            finally
            {
                _repairing = false;
            }
            return !Array.Exists(Stripes, static s => s.Failed);
        }
    }

    /// <summary>Checks all invariants: no stored entity is missing, none is entered that is gone. For tests; when nobody writes.</summary>
    /// <param name="keys">All full keys of the space.</param>
    /// <param name="stored">How many records the space has, expired ones included.</param>
    /// <exception cref="InvalidOperationException">One does not hold.</exception>
    public void Validate(IEnumerable<byte[]> keys, long stored)
    {
        foreach (IndexStripe stripe in Stripes)
            stripe.Validate();
        if (_stale || Array.Exists(Stripes, static s => s.Failed))
            return; // the next search makes it whole before it looks
        long entered = Stripes.Sum(static s => (long)s.Count);
        if (entered > stored)
            throw new InvalidOperationException($"Invariant: {entered} entities are in the indexes, {stored} are stored.");
        foreach (byte[] full in keys)
        {
            ReadOnlySpan<byte> key = full.AsSpan(KeySpace.PrefixLength);
            uint hash = IndexStripe.HashOf(key);
            if (!StripeOf(hash).Knows(hash, key))
                throw new InvalidOperationException("Invariant: a stored entity is missing in the indexes.");
        }
    }

    /// <summary>One write of this thread, from the moment its values are known.</summary>
    internal sealed class PendingWrite(int indexes)
    {
        private byte[] _key = new byte[64];
        private int _keyLength;

        public EntityIndexes? Owner { get; set; }

        public IndexValues Values { get; } = new(indexes);

        public ReadOnlySpan<byte> Key => _key.AsSpan(0, _keyLength);

        public void SetKey(ReadOnlySpan<byte> key)
        {
            if (key.Length > _key.Length)
                _key = new byte[BitOperations.RoundUpToPowerOf2((uint)key.Length)];
            key.CopyTo(_key);
            _keyLength = key.Length;
        }
    }
}
