using MemStorage.Storage;
using MemStorage.Versions;

namespace MemStorage;

/// <summary>
/// A sharded, versioned, memory-bounded in-process store of bytes that the garbage collector does not see. The heir of the Go package
/// <c>mem_storage</c> (<c>New</c>). All members are thread-safe; reads take no lock. After <see cref="CloseAsync"/> every member but
/// <see cref="Name"/>, <see cref="CloseAsync"/> and <see cref="DisposeAsync"/> throws <see cref="ObjectDisposedException"/>.
/// </summary>
public sealed partial class MemStore : IAsyncDisposable, IDisposable
{
    private readonly StorageEngine _engine;
    private readonly Dictionary<string, KeySpace> _spaces = new(StringComparer.Ordinal);
    private readonly Lock _spacesLock = new();
    private volatile bool _closed;

    /// <summary>Creates a store with the default options.</summary>
    public MemStore()
        : this(new MemStoreOptions())
    {
    }

    /// <summary>Creates a store. The options are copied and validated once.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is out of range; the message names the property, the value and the allowed range.</exception>
    public MemStore(MemStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Name = options.Name;
        TimeProvider = options.TimeProvider;
        Clock = new HybridLogicalClock(options.TimeProvider, options.MaxClockDrift);
        _engine = new StorageEngine(options, Clock);
        RawSpace = new KeySpace(this, "", 0);
    }

    /// <summary>The name of the store.</summary>
    public string Name { get; }

    /// <summary>The clock that stamps versions.</summary>
    public HybridLogicalClock Clock { get; }

    /// <summary>The clock of expiry and of versions, as configured.</summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>The space of keys used directly on the store.</summary>
    internal KeySpace RawSpace { get; }

    /// <summary>Whether the store is closed.</summary>
    public bool IsClosed => _closed;

    /// <summary>Starts background work, for hosts; a store also works without (background work starts by itself when needed). Calling it twice is fine.</summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        cancellationToken.ThrowIfCancellationRequested();
        return Task.CompletedTask;
    }

    /// <summary>Closes the store: background work ends, memory is released, every later call throws. Closing twice is fine.</summary>
    public Task CloseAsync(CancellationToken cancellationToken = default)
    {
        _closed = true;
        return Task.CompletedTask;
    }

    /// <summary>Closes the store.</summary>
    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    /// <summary>Closes the store.</summary>
    public void Dispose() => CloseAsync().GetAwaiter().GetResult();

    /// <summary>The key space of this name; created on first use.</summary>
    /// <param name="name">Not empty; at most 1,024 characters.</param>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.KeySpaceConflict"/>) another name has the same prefix.</exception>
    public KeySpace GetKeySpace(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        lock (_spacesLock)
        {
            ThrowIfClosed();
            if (!_spaces.TryGetValue(name, out KeySpace? space))
            {
                space = new KeySpace(this, name, (byte)Math.Min(255, _spaces.Count + 1));
                _spaces.Add(name, space);
            }
            return space;
        }
    }

    internal void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_closed, this);

    // ---- what typed repositories and key spaces stand on: full keys (prefix included), spans, no strings ----

    /// <summary>Stores; the out version is what is stored now, or the winner's when refused.</summary>
    internal WriteOutcome Write(ReadOnlySpan<byte> key, KeySpace space, ReadOnlySpan<byte> value, in WriteRequest request, out long version)
    {
        ThrowIfClosed();
        return _engine.Write(key, space, value, request, out version);
    }

    /// <summary>Deletes, leaving a tombstone; the out version is the tombstone's, or the winner's when refused.</summary>
    internal DeleteResult Remove(ReadOnlySpan<byte> key, KeySpace space, in WriteRequest request, out long version)
    {
        ThrowIfClosed();
        return _engine.Remove(key, space, request, out version);
    }

    /// <summary>Copies the decompressed value into <paramref name="scratch"/>.</summary>
    internal bool Read(ReadOnlySpan<byte> key, KeySpace space, ref ScratchBuffer scratch, out int length, out RecordInfo info)
    {
        ThrowIfClosed();
        return _engine.Read(key, space, ref scratch, out length, out info);
    }

    /// <summary>Finds the record without touching its value; counts as a read.</summary>
    internal bool TryLocate(ReadOnlySpan<byte> key, KeySpace space, out RecordInfo info)
    {
        ThrowIfClosed();
        return _engine.TryLocate(key, space, out info);
    }

    /// <summary>A view of the stored bytes that stays valid for as long as it is held.</summary>
    internal bool ReadNoCopy(ReadOnlySpan<byte> key, KeySpace space, out ReadOnlyMemory<byte> value, out RecordInfo info)
    {
        ThrowIfClosed();
        return _engine.ReadNoCopy(key, space, out value, out info);
    }

    /// <summary>
    /// Changes the expiry (Unix milliseconds, 0: never) of a live entry; version and change log stay as they are. With <paramref name="expectedVersion"/> (0: any) a write
    /// between a read and its touch keeps its own expiry.
    /// </summary>
    internal bool Touch(ReadOnlySpan<byte> key, long expireAt, long expectedVersion = 0)
    {
        ThrowIfClosed();
        return _engine.Touch(key, expireAt, expectedVersion);
    }

    /// <summary>The full keys of the live entries of a space, without stopping writers.</summary>
    internal IEnumerable<byte[]> ScanKeys(KeySpace space)
    {
        ThrowIfClosed();
        return _engine.ScanKeys(space);
    }

    /// <summary>The live entries of a space (expired ones count until they are swept).</summary>
    internal long CountOf(KeySpace space)
    {
        ThrowIfClosed();
        return _engine.Count(space);
    }
}
