namespace MemStorage.Traces.Policies;

/// <summary>
/// An eviction policy as published, one thread, one unit per key: what the store's own policy is held against where there is no <c>reference.csv</c>.
/// </summary>
internal abstract class ReferencePolicy(int capacity)
{
    protected int Capacity { get; } = capacity;

    /// <summary>A read-through access: true if it was a hit; otherwise the key is there afterwards.</summary>
    public abstract bool Access(int key);

    /// <summary>The percentage of hits, the first accesses included.</summary>
    public double HitRatio(Trace trace) => 100.0 * trace.Accesses.Count(Access) / trace.Accesses.Length;

    /// <summary>All of them, for traces with so many different keys.</summary>
    public static IReadOnlyList<(string Name, Func<int, int, ReferencePolicy> Create)> All { get; } =
    [
        ("LRU", static (capacity, keys) => new LruPolicy(capacity, keys)),
        ("FIFO", static (capacity, keys) => new FifoPolicy(capacity, keys, 0)),
        ("CLOCK", static (capacity, keys) => new FifoPolicy(capacity, keys, 1)),
        ("SIEVE", static (capacity, keys) => new SievePolicy(capacity, keys)),
        ("S3FIFO", static (capacity, keys) => new S3FifoPolicy(capacity, keys, 2)),
        ("S3FIFO_T1", static (capacity, keys) => new S3FifoPolicy(capacity, keys, 1)),
        ("WTLFU_20", static (capacity, keys) => new WindowTinyLfuPolicy(capacity, keys, 0.20)),
    ];
}
