using MemStorage.Storage;
using MemStorage.Versions;

namespace MemStorage;

/// <summary>
/// A sharded, versioned, memory-bounded in-process store of bytes that the garbage collector does not see. The heir of the Go package
/// <c>mem_storage</c> (<c>New</c>). All members are thread-safe; reads take no lock. After <see cref="CloseAsync"/> every member but
/// <see cref="Name"/>, <see cref="IsClosed"/>, <see cref="CloseAsync"/> and disposal throws <see cref="ObjectDisposedException"/>.
/// </summary>
public sealed partial class MemStore : IAsyncDisposable, IDisposable
{
    private readonly StorageEngine _engine;
    private readonly KeySpaces _spaces;
    private readonly CancellationTokenSource _closed = new(); // without a timer: nothing to dispose
    private int _watchedUpdates;
    private int _gate; // GateClosed, GateFaults; 0 while nothing but work is to be done. Read with Volatile

    /// <summary>Creates a store with the default options.</summary>
    public MemStore()
        : this(new MemStoreOptions())
    {
    }

    /// <summary>Creates a store. The options are copied and validated once.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="MemStoreOptionsException">Options are out of range; the message names each, its value and the allowed range.</exception>
    public MemStore(MemStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        MemStoreOptions copy = options.ValidatedCopy();
        Name = copy.Name;
        TimeProvider = copy.TimeProvider;
        Clock = new HybridLogicalClock(copy.TimeProvider, copy.MaxClockDrift);
        NodeId = copy.NodeId;
        _spaces = new KeySpaces(this);
        _engine = new StorageEngine(copy, Clock, _spaces);
    }

    /// <summary>The name of the store.</summary>
    public string Name { get; }

    /// <summary>The number of this store among its replicas.</summary>
    public int NodeId { get; }

    /// <summary>The clock that stamps versions.</summary>
    public HybridLogicalClock Clock { get; }

    /// <summary>Whether the store is closed.</summary>
    public bool IsClosed => (Volatile.Read(ref _gate) & GateClosed) != 0;

    /// <summary>
    /// The most bytes that header (at most 24), key and stored value of one entry may have together: the bound without what the shards keep for themselves.
    /// A larger write is refused with <see cref="SetResult.MemoryLimit"/>.
    /// </summary>
    public long MaxEntryBytes => _engine.MaxRecordBytes;

    /// <summary>The clock of expiry and of versions, as configured.</summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>The space of keys used directly on the store.</summary>
    internal KeySpace RawSpace => _spaces.Raw;

    /// <summary>The mechanism below.</summary>
    internal StorageEngine Engine => _engine;

    /// <summary>Called with each store before it closes; null but in the tests of this repository, which validate every store then.</summary>
    internal static Action<MemStore>? Closing { get; set; }

    /// <summary>For lifecycle-managed components, as in the ancestor. A store works from its construction on; this only checks that it is not closed.</summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> is cancelled.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        cancellationToken.ThrowIfCancellationRequested();
        return Task.CompletedTask;
    }

    /// <summary>
    /// Closes the store: background work ends, memory goes back to the garbage collector, every later call throws <see cref="ObjectDisposedException"/>. A call in flight
    /// completes or throws the same; who waits (for a load, for changes of the feed) gets it at once, and the tokens of factories are cancelled. No-copy results stay valid.
    /// Closing twice is fine.
    /// </summary>
    /// <exception cref="InvalidOperationException">Called by a time provider while it serves the store: the store is as it was.</exception>
    /// <param name="cancellationToken">Not used: closing waits for nothing but locks that are held for microseconds.</param>
    public Task CloseAsync(CancellationToken cancellationToken = default)
    {
        if (!IsClosed)
        {
            _engine.ThrowIfReentered(); // before anything changes
            Closing?.Invoke(this);
        }
        using IEnumerator<KeyValuePair<string, KeySpace>> spaces = _spaces.Walk(); // allocated while nothing has changed
        if ((Interlocked.Or(ref _gate, GateClosed) & GateClosed) == 0)
        {
            TestHooks.At(TestPoint.CloseBegun);
            try
            {
                EndWaits(spaces);
            }
            finally
            {
                _engine.Dispose();
            }
        }
        return Task.CompletedTask;
    }

    /// <summary>Closes the store.</summary>
    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    /// <summary>Closes the store.</summary>
    public void Dispose() => _ = CloseAsync();

    /// <summary>Cancelled when the store is closed: for what waits. Its callbacks do not run in the call that closes.</summary>
    internal CancellationToken Closed => _closed.Token;

    private void EndWaits(IEnumerator<KeyValuePair<string, KeySpace>> spaces)
    {
        try
        {
            _ = _closed.CancelAsync();
        }
        catch (OutOfMemoryException)
        {
            // it is cancelled; a reader of the feed whose callback could not be queued sees it at its next look
        }
        while (spaces.MoveNext())
        {
            KeySpace space = spaces.Current.Value;
            object? owner;
            using (space.OwnerLock.EnterUninterrupted()) // who makes an owner looks under this lock whether the store is closed
                owner = space.Owner;
            try
            {
                (owner as Typed.IKeySpaceOwner)?.Close();
            }
            catch (Exception)
            {
                // who waits in the other spaces must get to know it all the same
            }
        }
    }

    /// <summary>The key space of this name; created on first use.</summary>
    /// <param name="name">1 to 1,024 characters; must not begin with U+0001.</param>
    /// <exception cref="ArgumentException">The name is empty, too long, or begins with U+0001.</exception>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.KeySpaceConflict"/>) another name has the same prefix;
    /// (<see cref="MemStorageError.KeySpaceLimit"/>) the store has 65,536 key spaces already.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public KeySpace GetKeySpace(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > 1024 || name[0] == (char)KeySpace.Marker)
            throw new ArgumentException($"The name has {name.Length} characters and begins with U+{(int)name[0]:X4}; 1 to 1,024 characters that do not begin with U+0001 are allowed.", nameof(name));
        ThrowIfClosed();
        return _spaces.GetOrAdd(name);
    }
}
