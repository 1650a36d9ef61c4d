using System.Globalization;
using System.Text;
using MemStorage.Storage;
using MemStorage.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MemStorage.Tests.Model;

/// <summary>
/// Drives one store with a seeded load beside a dictionary that says what must be there: overwrites that grow, shrink and keep their length, new keys, deletes, expiries, touches,
/// refused writes of every kind, held views, sweeps, and now and then a clear. The number of keys goes up and down so that about <see cref="LayoutConfiguration.LivePercent"/> of the bound
/// is live.
/// </summary>
internal sealed class LayoutScript : IDisposable
{
    private sealed record Entry(long Stamp, int Length, long Version, long ExpireAt);

    private const int EntryOverhead = 45;
    private readonly LayoutConfiguration _configuration;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Random _random;
    private readonly Dictionary<int, Entry> _entries = [];
    private readonly List<int> _keys = [];
    private readonly Queue<(NoCopyItem View, int Key)> _held = new();
    private long _liveBytes;
    private long _stamp;
    private int _nextKey;

    public LayoutScript(LayoutConfiguration configuration, int seed)
    {
        _configuration = configuration;
        _random = new Random(seed);
        Store = new MemStore(new MemStoreOptions
        {
            MaxMemoryBytes = configuration.Limit,
            ShardCount = configuration.Shards,
            SegmentBytes = configuration.SegmentBytes,
            CompressionEnabled = configuration.Compression,
            EvictionMode = configuration.Mode,
            EvictBatchSize = configuration.BatchSize,
            AsyncEviction = false,
            ChangeLogBytes = configuration.Limit / 64,
            TombstoneRetention = TimeSpan.FromMilliseconds(200),
            ExpirySweepInterval = TimeSpan.Zero,
            TimeProvider = _time,
            HashSeed = (ulong)seed,
        });
    }

    public MemStore Store { get; }

    /// <summary>How many writes were refused for want of room.</summary>
    public int Refused { get; private set; }

    /// <summary>The most of the bound that live entries took, in percent.</summary>
    public double MostLive { get; private set; }

    private bool MayEvict => _configuration.Mode == EvictionMode.Evict;

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private static string Name(int key) => string.Create(CultureInfo.InvariantCulture, $"key:{key}");

    public void Run(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            Step();
            Assert.True(Store.UsedBytes <= Store.LimitBytes, $"{Store.UsedBytes} bytes of {Store.LimitBytes} are used.");
            MostLive = Math.Max(MostLive, 100.0 * _liveBytes / _configuration.Limit);
            if (i % 4096 == 4095)
                CheckEverything();
        }
        CheckEverything();
    }

    /// <summary>Every entry that must be there is, with its bytes; nothing that must not be there is; the structures hold.</summary>
    public void CheckEverything()
    {
        foreach (int key in _keys.ToArray())
            Read(key);
        if (!MayEvict)
            Assert.Equal(0, Store.Stats().EvictCount);
        while (_held.TryDequeue(out var held))
            CheckHeld(held);
        StoreInvariants.Assert(Store);
    }

    public void Dispose() => Store.Dispose();

    private void Step()
    {
        bool hasRoom = _liveBytes * 100 < _configuration.Limit * _configuration.LivePercent;
        switch (_random.Next(100))
        {
            case < 20 when hasRoom:
                Write(_nextKey++, expireAt: 0);
                break;
            case < 26 when hasRoom:
                Write(_nextKey++, Now + _random.Next(1, 300));
                break;
            case < 20 when _keys.Count > 0:
                Delete(_keys[_random.Next(_keys.Count)]);
                break;
            case < 26:
                _ = Store.Delete(Name(_nextKey + 1)); // never was there
                break;
            case < 70 when _keys.Count > 0:
                Write(_keys[_random.Next(_keys.Count)], _random.Next(10) == 0 ? Now + _random.Next(1, 1000) : 0);
                break;
            case < 74 when _keys.Count > 0:
                Touch(_keys[_random.Next(_keys.Count)], _random.Next(3) == 0 ? 0 : Now + _random.Next(1, 1000));
                break;
            case < 78 when _keys.Count > 0:
                WriteOlder(_keys[_random.Next(_keys.Count)]);
                break;
            case < 80 when _keys.Count > 0 && _configuration.Holds:
                Hold(_keys[_random.Next(_keys.Count)]);
                break;
            case < 82:
                _time.Advance(TimeSpan.FromMilliseconds(_random.Next(1, 60)));
                break;
            case 82 when _random.Next(20) == 0:
                Store.SweepExpired();
                break;
            case 83 when _random.Next(2000) == 0:
                Store.Clear();
                _entries.Clear();
                _keys.Clear();
                _liveBytes = 0;
                break;
            default:
                if (_keys.Count > 0)
                    Read(_keys[_random.Next(_keys.Count)]);
                break;
        }
    }

    private void Write(int key, long expireAt)
    {
        long stamp = ++_stamp;
        int length = _entries.TryGetValue(key, out Entry? old) && _random.Next(4) == 0 ? old.Length : _configuration.Draw(_random);
        var item = new StoredItem(Payload.Create(key, stamp, length), 0, expireAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(expireAt));
        long before = Changes();
        SetResult result = Store.Set(Name(key), item, out long version);
        if (result == SetResult.MemoryLimit)
        {
            Refused++;
            Assert.Equal(before, Changes());
            if (_entries.ContainsKey(key))
                Read(key);
            else
                Assert.False(Store.TryGet(Name(key), out _));
            return;
        }
        Assert.Equal(SetResult.Stored, result);
        Forget(key);
        _entries[key] = new Entry(stamp, length, version, expireAt);
        _keys.Add(key);
        _liveBytes += length + EntryOverhead;
        Read(key);
    }

    /// <summary>Verdicts that refuse: an older version, another version than the expected one. Neither changes anything, and neither takes anything from another entry.</summary>
    private void WriteOlder(int key)
    {
        if (!Read(key))
            return;
        byte[] value = Payload.Create(key, ++_stamp, _configuration.Draw(_random));
        long before = Changes();
        long evicted = Store.Stats().EvictCount;
        if (_random.Next(2) == 0)
            Assert.Equal(SetResult.Superseded, Store.Set(Name(key), new StoredItem(value, 1)));
        else
        {
            WriteOutcome outcome = Store.Write(Encoding.UTF8.GetBytes(Name(key)), Store.RawSpace, value, new WriteRequest(0, 0, WriteCondition.ExpectedVersion, 1, 0), out _);
            Assert.Equal(WriteOutcome.Superseded, outcome);
        }
        Assert.Equal(before, Changes());
        Assert.Equal(evicted, Store.Stats().EvictCount);
        Assert.True(Read(key));
    }

    private void Delete(int key)
    {
        bool live = IsLive(key);
        DeleteResult result = Store.Delete(Name(key));
        if (!MayEvict)
            Assert.Equal(live ? DeleteResult.Deleted : DeleteResult.NotFound, result);
        Forget(key);
        Assert.False(Store.TryGet(Name(key), out _));
    }

    private void Touch(int key, long expireAt)
    {
        bool touched = Store.Touch(Encoding.UTF8.GetBytes(Name(key)), expireAt);
        if (touched)
        {
            Assert.True(IsLive(key));
            _entries[key] = _entries[key] with { ExpireAt = expireAt };
        }
        Read(key);
    }

    private void Hold(int key)
    {
        if (Store.TryGetNoCopy(Name(key), out NoCopyItem view))
            _held.Enqueue((view, key));
        if (_held.Count > 12)
            CheckHeld(_held.Dequeue());
    }

    private static void CheckHeld((NoCopyItem View, int Key) held) =>
        Assert.True(Payload.TryVerify(held.View.Value.Span, held.Key, out _), $"A view of {Name(held.Key)} has changed while it was held.");

    private bool IsLive(int key) => _entries.TryGetValue(key, out Entry? entry) && (entry.ExpireAt == 0 || entry.ExpireAt > Now);

    /// <summary>Reads a key of the model and compares; what has expired, and where that is allowed what was evicted, is forgotten.</summary>
    private bool Read(int key)
    {
        Entry entry = _entries[key];
        bool found = Store.TryGet(Name(key), out StoredItem? item);
        if (!IsLive(key) || (!found && MayEvict))
        {
            Assert.False(found, $"{Name(key)} has expired and is still there.");
            Forget(key);
            return false;
        }
        Assert.True(found, $"{Name(key)} is gone: version {entry.Version}, {entry.Length} bytes, {100.0 * _liveBytes / _configuration.Limit:F1} % live.");
        Assert.Equal(entry.Version, item!.Version);
        Assert.Equal(entry.ExpireAt, item.ExpireAt?.ToUnixTimeMilliseconds() ?? 0);
        Assert.True(Payload.TryVerify(item.Value.Span, key, out long stamp) && stamp == entry.Stamp && item.Value.Length == entry.Length, $"{Name(key)} has other bytes.");
        return true;
    }

    private void Forget(int key)
    {
        if (!_entries.Remove(key, out Entry? old))
            return;
        _liveBytes -= old.Length + EntryOverhead;
        int at = _keys.LastIndexOf(key);
        _keys[at] = _keys[^1];
        _keys.RemoveAt(_keys.Count - 1);
    }

    /// <summary>How many changes the feed has been told of.</summary>
    private long Changes()
    {
        long sum = 0;
        foreach (Shard shard in Store.Engine.Shards)
            sum += shard.Changes.Next;
        return sum;
    }
}
