using System.Globalization;
using System.Text;
using MemStorage.Storage;
using MemStorage.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Tests.Concurrency.Scheduling;

/// <summary>
/// The store of one schedule and its oracle. Every value is a <see cref="Payload"/> with a number of its own, so a torn, mixed or foreign one is noticed at once; every call is recorded
/// (<see cref="RecordedHistory"/>), so stale reads, lost entries and deletions that come undone are found at the end; views are held and looked at again.
/// </summary>
internal sealed class ScheduledStore : IDisposable
{
    private readonly RecordedHistory _history = new();
    private readonly Dictionary<string, int> _ids = [];
    private readonly Dictionary<(string Key, long Version), long> _stampOf = [];
    private readonly List<(string Key, long Version, long Stamp)> _seen = [];
    private readonly List<(NoCopyItem View, string Key, int Id, long Stamp)> _held = [];
    private readonly Dictionary<string, long> _versions = [];
    private readonly Dictionary<(int Thread, string Key), RecordPlace> _places = [];
    private readonly bool _mayMiss;
    private long _lastStamp;

    public ScheduledStore(int seed, Action<MemStoreOptions> configure, bool mayMiss)
    {
        Random = new Random(seed);
        _mayMiss = mayMiss;
        MemStoreOptions options = new()
        {
            MaxMemoryBytes = 1 << 20,
            ShardCount = 1,
            SegmentBytes = 1024,
            CompressionEnabled = false,
            AsyncEviction = false,
            ChangeLogBytes = 0,
            ExpirySweepInterval = TimeSpan.Zero,
            TimeProvider = Time,
            HashSeed = 7,
        };
        configure(options);
        Store = new MemStore(options);
    }

    public MemStore Store { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>For the choice of keys and lengths: drawn before the threads run, so that they follow from the seed and not from the schedule.</summary>
    public Random Random { get; }

    /// <summary>The key that was stored last.</summary>
    public int Newest { get; private set; }

    /// <summary>Whether calls may find the store closed.</summary>
    public bool MayBeClosed { get; set; }

    public static string Key(int id) => string.Create(CultureInfo.InvariantCulture, $"key{id:D3}");

    /// <summary>Leaves so many bytes of the bound: the rest is taken, so that a few records fill the store.</summary>
    public void LeaveRoom(long bytes) => Require(Store.TryReserveSecondary(Store.LimitBytes - bytes), "no room for what narrows the bound");

    /// <summary>Sets with the next version of the key's only writer, so that versions of different keys are equal now and then and do not tell them apart.</summary>
    public void Set(int id, int length)
    {
        string key = Key(id);
        long version = _versions.GetValueOrDefault(key) + 1;
        _versions[key] = version;
        Write(key, id, length, version);
    }

    /// <summary>Sets with the store's own stamp: for keys with several writers.</summary>
    public void SetStamped(int id, int length) => Write(Key(id), id, length, 0);

    /// <summary>Replaces what was read, if it is still there.</summary>
    public void Update(int id, int length)
    {
        string key = Key(id);
        if (!Call(() => Store.TryGet(key, out StoredItem? item) ? item : null, out StoredItem? current, out _) || current is null)
            return;
        long stamp = ++_lastStamp;
        long started = _history.Begin();
        long version = 0;
        byte[] value = Payload.Create(id, stamp, length);
        if (Call(() => Store.Write(Encoding.UTF8.GetBytes(key), Store.RawSpace, value, new WriteRequest(0, 0, WriteCondition.ExpectedVersion, current.Version), out version), out WriteOutcome outcome, out _)
            && outcome == WriteOutcome.Stored)
        {
            Stored(key, id, version, stamp, started);
        }
    }

    public void Delete(int id, bool stamped = false)
    {
        string key = Key(id);
        long version = stamped ? 0 : _versions[key] = _versions.GetValueOrDefault(key) + 1;
        long started = _history.Begin();
        long deleted = 0;
        if (!Call(() => Store.Remove(Encoding.UTF8.GetBytes(key), Store.RawSpace, new WriteRequest(version), out deleted), out DeleteResult result, out _))
            return;
        Require(result != DeleteResult.VersionMismatch, $"the deletion of {key} at {version} was refused");
        _history.End(key, CallKind.Write, deleted, started, deletes: true);
    }

    public void Get(int id)
    {
        string key = Key(id);
        if (!Call(() => Store.TryGet(key, out StoredItem? item) ? item : null, out StoredItem? found, out long started))
            return;
        if (found is null)
            _history.End(key, CallKind.Miss, 0, started);
        else
            Saw(key, id, found.Version, found.Value.Span, started);
    }

    /// <summary>Reads without a copy and holds what it got.</summary>
    public void View(int id)
    {
        string key = Key(id);
        if (!Call(() => Store.TryGetNoCopy(key, out NoCopyItem item) ? item : (NoCopyItem?)null, out NoCopyItem? found, out long started))
            return;
        if (found is not { } view)
        {
            _history.End(key, CallKind.Miss, 0, started);
            return;
        }
        _held.Add((view, key, id, Saw(key, id, view.Version, view.Value.Span, started)));
    }

    /// <summary>
    /// What a repository does with a shared instance: keeps the place of a record and asks later whether it is still the key's. A yes is a read of the version that was kept.
    /// </summary>
    public void LookAtPlace(int id)
    {
        string key = Key(id);
        byte[] bytes = Encoding.UTF8.GetBytes(key);
        (int, string) kept = (Environment.CurrentManagedThreadId, key);
        SeededScheduler.BetweenCalls();
        long started = _history.Begin();
        if (_places.TryGetValue(kept, out RecordPlace place))
        {
            if (Store.Engine.IsCurrent(place, Store.RawSpace, out long _))
                _history.End(key, CallKind.Read, place.Version, started);
            else
                _places.Remove(kept);
        }
        else if (Store.TryLocate(bytes, Store.RawSpace, out RecordInfo info))
        {
            _places[kept] = info.PlaceOf(Store.Engine.HashOf(bytes));
            _history.End(key, CallKind.Read, info.Version, started);
        }
        else
            _history.End(key, CallKind.Miss, 0, started);
    }

    public void BatchGet(params int[] ids)
    {
        if (!Call(() => Store.BatchGet(ids.Select(Key)), out Dictionary<string, StoredItem>? found, out long started))
            return;
        foreach (int id in ids.Distinct())
        {
            if (found!.TryGetValue(Key(id), out StoredItem? item))
                Saw(Key(id), id, item.Version, item.Value.Span, started);
            else
                _history.End(Key(id), CallKind.Miss, 0, started);
        }
    }

    /// <summary>Anything else that the threads do; it may find the store closed.</summary>
    public void Do(Action<MemStore> action) => Call(
        () =>
        {
            action(Store);
            return true;
        },
        out _, out _);

    /// <summary>What the thread pool does when eviction was asked for; on a closed store it does nothing.</summary>
    public void DrainInBackground()
    {
        SeededScheduler.BetweenCalls();
        Store.Engine.Background.EvictToTarget();
    }

    /// <summary>All views that were handed out have the bytes they had.</summary>
    public void LookAtViewsAgain()
    {
        foreach ((NoCopyItem view, string key, int id, long stamp) in _held)
            Require(Payload.TryVerify(view.Value.Span, id, out long now) && now == stamp, $"the view of {key} with stamp {stamp} has changed while it was held");
    }

    /// <summary>"Never exceeded", at every point of every schedule.</summary>
    public string? IsOverTheBound()
    {
        long used = Store.UsedBytes;
        return used >= 0 && used <= Store.LimitBytes ? null : $"{used} bytes are used, {Store.LimitBytes} are allowed";
    }

    /// <summary>After all threads have ended.</summary>
    public void Conclude()
    {
        LookAtViewsAgain();
        if (Store.IsClosed)
            Store.Engine.Validate();
        else
        {
            foreach (int id in _ids.Values)
                Get(id); // what is gone without having been deleted shows in the history
            StoreInvariants.Assert(Store);
        }
        foreach ((string key, long version, long stamp) in _seen)
        {
            Require(_stampOf.TryGetValue((key, version), out long written), $"{key} was read with version {version}, which nobody wrote");
            Require(written == stamp, $"{key} was read with version {version} and the bytes of stamp {stamp}; version {version} had stamp {written}");
        }
        if (_history.FindContradiction(_mayMiss) is { } contradiction)
            throw new ScheduleFailure(contradiction);
    }

    public void Dispose() => Store.Dispose();

    private void Write(string key, int id, int length, long version)
    {
        long stamp = ++_lastStamp;
        byte[] value = Payload.Create(id, stamp, length);
        long stored = version;
        if (!Call(() => Store.Set(key, new StoredItem(value, version), out stored), out SetResult result, out long started))
            return;
        Require(result != SetResult.Superseded, $"version {version} of {key} was refused: {stored} wins");
        if (result == SetResult.Stored)
            Stored(key, id, stored, stamp, started);
        else
            Require(_mayMiss, $"no room for {key}");
    }

    private void Stored(string key, int id, long version, long stamp, long started)
    {
        _ids[key] = id;
        Newest = id;
        _stampOf[(key, version)] = stamp;
        _history.End(key, CallKind.Write, version, started);
    }

    private long Saw(string key, int id, long version, ReadOnlySpan<byte> value, long started)
    {
        Require(Payload.TryVerify(value, id, out long stamp), $"{key} at version {version} has wrong bytes");
        _seen.Add((key, version, stamp));
        _history.End(key, CallKind.Read, version, started);
        return stamp;
    }

    /// <summary>One call: false when the store was closed, which is allowed only where a thread closes it.</summary>
    private bool Call<T>(Func<T> call, out T? result, out long started)
    {
        SeededScheduler.BetweenCalls();
        started = _history.Begin();
        bool wasClosed = Store.IsClosed;
        try
        {
            result = call();
            Require(!wasClosed, "a closed store answered");
            return true;
        }
        catch (ObjectDisposedException) when (MayBeClosed)
        {
            result = default;
            return false;
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new ScheduleFailure(otherwise);
    }
}
