using System.Text;
using MemStorage.Storage;
using MemStorage.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MemStorage.Tests.Model;

/// <summary>The store of one history.</summary>
internal readonly record struct HistoryConfiguration(int SegmentBytes, int Shards, bool Compression, int SweepSeconds, int Limit, bool Evicts, int NodeId);

/// <summary>
/// Runs one history against a store and the model side by side, and compares every answer.
/// <list type="bullet">
/// <item>In a bound that is never reached: exact equality of every result, value, version, expiry, key list, statistic and feed.</item>
/// <item>In a bound that evicts: what is present equals the model's newest value; never an older one; nothing deleted or expired comes back.</item>
/// </list>
/// Where the store may have swept something away (<see cref="ModelStore.MayBeForgotten"/>), both answers are accepted and the model follows.
/// </summary>
internal sealed partial class HistoryRunner : IDisposable
{
    private const long RetentionMilliseconds = 60_000;

    private readonly HistoryConfiguration _configuration;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly MemStore _store;
    private readonly ModelStore _model = new(RetentionMilliseconds);
    private readonly HashSet<int> _changed = [];

    /// <summary>Keys that were written twice at one version since the last drain.</summary>
    private readonly HashSet<int> _repeated = [];
    private readonly HashSet<(int Key, long Version)> _written = [];

    /// <summary>Keys whose deletion the store may have recorded below the version that the model keeps.</summary>
    private readonly HashSet<int> _uncertain = [];
    private readonly List<(NoCopyItem Item, byte[] Expected)> _held = [];
    private long _sets, _gets, _hits, _deletes, _tombstonesBefore;
    private int _step;

    public HistoryRunner(HistoryConfiguration configuration)
    {
        _configuration = configuration;
        _store = new MemStore(new MemStoreOptions
        {
            MaxMemoryBytes = configuration.Limit,
            ShardCount = configuration.Shards,
            SegmentBytes = configuration.SegmentBytes,
            CompressionEnabled = configuration.Compression,
            ExpirySweepInterval = TimeSpan.FromSeconds(configuration.SweepSeconds),
            TombstoneRetention = TimeSpan.FromMilliseconds(RetentionMilliseconds),
            AsyncEviction = false,
            ChangeLogBytes = configuration.Limit / 16,
            NodeId = configuration.NodeId,
            TimeProvider = _time,
            HashSeed = 7,
        });
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Short and long keys, so that records of every alignment occur.</summary>
    private static string KeyOf(int key) => key % 5 == 4 ? $"a rather long key, the {key}th of its kind: {new string((char)('a' + (key % 26)), key % 90)}" : $"k{key}";

    public static void Run(HistoryConfiguration configuration, Operation[] history)
    {
        using var runner = new HistoryRunner(configuration);
        foreach (Operation operation in history)
        {
            runner._step++;
            try
            {
                runner.Step(operation);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Step {runner._step}, {operation}: {e.Message}", e);
            }
        }
        runner.CompareEverything();
        StoreInvariants.Assert(runner._store);
        foreach ((NoCopyItem item, byte[] expected) in runner._held)
            Assert.True(item.Value.Span.SequenceEqual(expected), "A no-copy view has changed while it was held.");
    }

    public void Dispose() => _store.Dispose();

    private void Step(Operation o)
    {
        switch (o.Kind)
        {
            case Kind.Set:
                Set(o, Payload.Create(o.Key, _step, o.Length));
                break;
            case Kind.SetEmpty:
                Set(o with { Ttl = 0 }, []);
                break;
            case Kind.Delete:
                Delete(o.Key, VersionFor(o));
                break;
            case Kind.DeleteAnyVersion:
                Delete(o.Key, 0);
                break;
            case Kind.UpdateIfVersion:
                UpdateIfVersion(o);
                break;
            case Kind.AddIfAbsent:
                AddIfAbsent(o);
                break;
            case Kind.DeleteIfVersion:
                DeleteIfVersion(o);
                break;
            case Kind.Touch:
                Touch(o);
                break;
            case Kind.ApplySet:
                Apply(o, Payload.Create(o.Key, _step % 3, o.Length));
                break;
            case Kind.ApplyDelete:
                Apply(o with { Ttl = 0 }, null);
                break;
            case Kind.Get:
                Get(o.Key);
                break;
            case Kind.GetNoCopy:
                GetNoCopy(o.Key);
                break;
            case Kind.BatchGet:
                BatchGet();
                break;
            case Kind.Advance:
                _time.Advance(TimeSpan.FromMilliseconds(o.Ttl));
                break;
            case Kind.Keys:
                CompareKeys();
                break;
            case Kind.Stats:
                CompareStats();
                break;
            case Kind.Drain:
                Drain();
                break;
            case Kind.Clear:
                _store.Clear();
                _model.Clear();
                _changed.Clear();
                _ = _store.GetSyncBuffer();
                break;
        }
    }

    private long VersionFor(Operation o)
    {
        long known = _model.Find(o.Key)?.Version ?? Math.Max(5, _store.Clock.Last);
        return o.Version switch
        {
            VersionChoice.Newer => known + 1,
            VersionChoice.Equal => known,
            VersionChoice.Older => Math.Max(1, known - 1),
            VersionChoice.Tiny => 1 + (o.Length % 3),
            _ => 0,
        };
    }

    private long ExpireAtFor(Operation o) => o.Ttl == 0 ? 0 : NowMs + o.Ttl;

    private static DateTimeOffset? At(long milliseconds) => milliseconds == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    // ---- writes ----

    private void Set(Operation o, byte[] value)
    {
        long version = VersionFor(o);
        long expireAt = ExpireAtFor(o);
        BeforeWrite();
        SetResult result = _store.Set(KeyOf(o.Key), new StoredItem(value, version, At(expireAt)), out long stored);
        var incoming = new ModelEntry(value.Length == 0 ? null : value, stored, expireAt, _configuration.NodeId);
        ModelEntry? current = _model.Find(o.Key);
        bool wins = current is null || version == 0 || ModelStore.LocalWins(current, version, incoming.IsExpired(NowMs), NowMs);
        Follow(o.Key, (WriteOutcome)result, wins, incoming, version, stored, announced: true);
    }

    private void UpdateIfVersion(Operation o)
    {
        ModelEntry? live = _model.FindLive(o.Key, NowMs);
        long expected = o.Version == VersionChoice.Older ? (live?.Version ?? 6) - 1 : live?.Version ?? 6;
        byte[] value = Payload.Create(o.Key, _step, o.Length);
        long expireAt = ExpireAtFor(o);
        BeforeWrite();
        WriteOutcome outcome = _store.Write(Encoding.UTF8.GetBytes(KeyOf(o.Key)), _store.RawSpace, value, new WriteRequest(0, expireAt, WriteCondition.ExpectedVersion, expected), out long stored);
        if (_configuration.Evicts && outcome == WriteOutcome.NotFound)
            return;
        if (live is null)
            Assert.Equal(WriteOutcome.NotFound, outcome);
        else
            Follow(o.Key, outcome, live.Version == expected, new ModelEntry(value, stored, expireAt, _configuration.NodeId), 0, stored, announced: true);
    }

    private void AddIfAbsent(Operation o)
    {
        ModelEntry? live = _model.FindLive(o.Key, NowMs);
        byte[] value = Payload.Create(o.Key, _step, o.Length);
        long expireAt = ExpireAtFor(o);
        BeforeWrite();
        WriteOutcome outcome = _store.Write(Encoding.UTF8.GetBytes(KeyOf(o.Key)), _store.RawSpace, value, new WriteRequest(0, expireAt, WriteCondition.Absent), out long stored);
        // after an eviction the entry is absent for the store
        bool wins = live is null || (_configuration.Evicts && outcome == WriteOutcome.Stored);
        Follow(o.Key, outcome, wins, new ModelEntry(value, stored, expireAt, _configuration.NodeId), 0, stored, announced: true);
    }

    private void Apply(Operation o, byte[]? value)
    {
        long version = VersionFor(o);
        if (version == 0)
            version = _store.Clock.Last + 1 + (o.Length % 2);
        long expireAt = ExpireAtFor(o);
        BeforeWrite();
        // never the number of this store: changes of its own do not come back
        int origin = o.Origin >= _configuration.NodeId ? o.Origin + 1 : o.Origin;
        var incoming = new ModelEntry(value, version, expireAt, origin);
        SetResult result = _store.Apply(new SyncOperation(KeyOf(o.Key), value is null ? OpType.OpDelete : OpType.OpSet, new StoredItem(value ?? [], version, At(expireAt)), origin));
        ModelEntry? current = _model.Find(o.Key);
        bool wins = current is null || ModelStore.RemoteWins(current, incoming);
        Follow(o.Key, (WriteOutcome)result, wins, incoming, version, version, announced: false);
    }

    /// <summary>Checks the outcome of a write against what the model expects, and brings the model to where the store is.</summary>
    private void Follow(int key, WriteOutcome outcome, bool wins, ModelEntry incoming, long requested, long stored, bool announced)
    {
        ModelEntry? current = _model.Find(key);
        if (outcome == WriteOutcome.MemoryLimit)
        {
            Assert.True(_configuration.Evicts, "MemoryLimit in a store with room.");
            return;
        }
        if (wins)
        {
            if (outcome == WriteOutcome.Superseded && _uncertain.Contains(key))
                return; // by the deletion that the model does not know
            if (_configuration.Evicts && outcome == WriteOutcome.Superseded && !announced)
                return; // a replicated write that may be older than something evicted is refused
            Assert.Equal(WriteOutcome.Stored, outcome);
        }
        else if (outcome == WriteOutcome.Stored)
        {
            bool forgotten = _model.MayBeForgotten(key, NowMs) || (_configuration.Evicts && MayBeEvicted(current!));
            Assert.True(forgotten, $"Stored, although version {current!.Version}{(current.IsTombstone ? " (deleted)" : "")} wins over {incoming.Version}.");
        }
        else
        {
            Assert.Equal(WriteOutcome.Superseded, outcome);
            if (!_configuration.Evicts && announced && !_uncertain.Contains(key))
                Assert.Equal(current!.Version, stored);
        }
        if (outcome != WriteOutcome.Stored)
            return;
        if (requested == 0)
        {
            Assert.Equal(_store.Clock.Last, stored);
            Assert.True(current is null || stored > current.Version, $"Stamp {stored} does not rise above {current?.Version}.");
        }
        else if (announced)
            Assert.Equal(requested, stored);
        Remember(key, incoming, announced);
    }

    private void Remember(int key, ModelEntry entry, bool announced)
    {
        if (!_written.Add((key, entry.Version)))
            _repeated.Add(key);
        _model.Put(key, entry, NowMs);
        _uncertain.Remove(key);
        if (announced)
            _changed.Add(key);
        else
            _changed.Remove(key);
    }

    /// <summary>A live entry may have been evicted and forgotten; a deletion only under pressure, and then the counter shows that one is missing.</summary>
    private bool MayBeEvicted(ModelEntry current)
    {
        if (!current.IsTombstone)
            return true;
        int remembered = _model.Entries.Count(p => p.Value.IsTombstone && !_model.MayBeForgotten(p.Key, NowMs));
        return _tombstonesBefore < remembered + _uncertain.Count;
    }

    private void BeforeWrite()
    {
        _sets++;
        if (_configuration.Evicts)
            _tombstonesBefore = _store.Stats().TombstoneCount;
    }

    private void Delete(int key, long version)
    {
        _deletes++;
        DeleteResult result = version == 0 ? _store.Delete(KeyOf(key)) : _store.Delete(KeyOf(key), version);
        ModelEntry? current = _model.Find(key);
        bool live = current is not null && current.IsLive(NowMs);
        if (live && version != 0 && version < current!.Version)
        {
            if (_configuration.Evicts && result == DeleteResult.NotFound)
            {
                // evicted: its version is remembered, or the deletion is recorded below it; both leave newer writes alone
                DoNotKnow(key);
                return;
            }
            Assert.Equal(DeleteResult.VersionMismatch, result);
            return;
        }
        if (_configuration.Evicts && live)
            Assert.NotEqual(DeleteResult.VersionMismatch, result);
        else
            Assert.Equal(live ? DeleteResult.Deleted : DeleteResult.NotFound, result);
        // an absent key remembers the deletion too, unless it remembers a newer one
        long remembered = version == 0 ? _store.Clock.Last : version;
        if (current is null || live || remembered > current.Version)
            Remember(key, new ModelEntry(null, remembered, 0, _configuration.NodeId), announced: true);
        else if (_model.MayBeForgotten(key, NowMs) || _configuration.Evicts)
        {
            // the old state was swept or not: the older deletion is recorded or not; nobody can tell before the next write
            DoNotKnow(key);
        }
    }

    private void DoNotKnow(int key)
    {
        _uncertain.Add(key);
        _repeated.Add(key);
    }

    private void DeleteIfVersion(Operation o)
    {
        ModelEntry? live = _model.FindLive(o.Key, NowMs);
        long expected = o.Version == VersionChoice.Older ? (live?.Version ?? 6) - 1 : live?.Version ?? 6;
        _deletes++;
        DeleteResult result = _store.Remove(Encoding.UTF8.GetBytes(KeyOf(o.Key)), _store.RawSpace, new WriteRequest(0, 0, WriteCondition.ExpectedVersion, expected), out _);
        if (_configuration.Evicts && result == DeleteResult.NotFound)
            return;
        Assert.Equal(live is null ? DeleteResult.NotFound : live.Version == expected ? DeleteResult.Deleted : DeleteResult.VersionMismatch, result);
        if (result != DeleteResult.Deleted)
            return;
        Remember(o.Key, new ModelEntry(null, _store.Clock.Last, 0, _configuration.NodeId), announced: true);
    }

    private void Touch(Operation o)
    {
        long expireAt = ExpireAtFor(o);
        bool touched = _store.Touch(Encoding.UTF8.GetBytes(KeyOf(o.Key)), expireAt);
        ModelEntry? live = _model.FindLive(o.Key, NowMs);
        if (live is null || !_configuration.Evicts)
            Assert.Equal(live is not null, touched);
        if (touched)
            _model.Put(o.Key, live! with { ExpireAt = expireAt }, NowMs);
    }
}
