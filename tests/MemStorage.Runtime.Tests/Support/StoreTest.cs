using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Tests.Support;

/// <summary>
/// The base of every test that opens a store: a clock that moves only when the test says so, and the validator over every store that is still
/// open when the test ends.
/// </summary>
public abstract class StoreTest : IDisposable
{
    private readonly List<MemStore> _stores = [];

    /// <summary>The clock of all stores of this test.</summary>
    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Now, by <see cref="Time"/>.</summary>
    protected DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>A version that lies at this moment of the fake clock: far below what is refused, far above 1.</summary>
    protected long VersionNow => Now.ToUnixTimeMilliseconds() << 16;

    /// <summary>
    /// Opens a store with 4 MiB, 4 shards, segments of 4 KiB, a fixed hash seed and no sweeps in the background, unless told otherwise. Whatever is
    /// still open at the end of the test is validated and closed.
    /// </summary>
    protected MemStore Open(Action<MemStoreOptions>? configure = null)
    {
        MemStoreOptions options = Options(configure);
        MemStore store = new(options);
        _stores.Add(store);
        return store;
    }

    /// <summary>The options of <see cref="Open"/>.</summary>
    protected MemStoreOptions Options(Action<MemStoreOptions>? configure = null)
    {
        MemStoreOptions options = new()
        {
            MaxMemoryBytes = 4 << 20,
            ShardCount = 4,
            SegmentBytes = 4096,
            ExpirySweepInterval = TimeSpan.Zero,
            TimeProvider = Time,
            HashSeed = 42,
        };
        configure?.Invoke(options);
        return options;
    }

    public void Dispose()
    {
        foreach (MemStore store in _stores)
        {
            if (store.IsClosed)
                continue;
            StoreInvariants.Assert(store);
            store.Dispose();
        }
        GC.SuppressFinalize(this);
    }
}
