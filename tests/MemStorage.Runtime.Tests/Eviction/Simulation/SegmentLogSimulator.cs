using MemStorage.Storage.Eviction;

namespace MemStorage.Tests.Eviction.Simulation;

/// <summary>
/// One shard reduced to what the policy sees: two queues of segments that hold keys, a hit counter and a tag per key, a ghost. One thread, no bytes,
/// no index; every value takes one unit. It makes room as the real shard does: one segment stays in reserve for the copies of a reclaim.
/// </summary>
internal sealed class SegmentLogSimulator
{
    private sealed class Segment(int capacity)
    {
        public readonly int[] Keys = new int[capacity];
        public int Count;
        public uint Birth;
    }

    private const byte MaxHits = 3;

    private readonly int _segmentCapacity;
    private readonly int _segmentLimit;
    private readonly Queue<Segment>[] _logs = [new(), new()];
    private readonly Segment?[] _open = new Segment?[2];
    private readonly Segment?[] _home;
    private readonly byte[] _hits;
    private readonly byte[] _tags;
    private readonly Ghost _ghost;
    private int _live;

    /// <param name="capacity">The records that the store may hold, segment in reserve included.</param>
    /// <param name="segments">How many segments to divide it into; fewer where the capacity has fewer records.</param>
    public SegmentLogSimulator(int capacity, int segments, int keys, ulong seed)
    {
        _segmentCapacity = Math.Max(1, capacity / segments);
        _segmentLimit = capacity / _segmentCapacity;
        _home = new Segment?[keys];
        _hits = new byte[keys];
        _tags = new byte[keys];
        _ghost = new Ghost(capacity);
        Policy = new EvictionPolicy(seed);
    }

    public EvictionPolicy Policy { get; }

    public int Live => _live;

    public int PeakLive { get; private set; }

    public long Copies { get; private set; }

    public long Inserts { get; private set; }

    public long Relabels { get; private set; }

    public int MostMainReclaims { get; private set; }

    public int Segments(LogKind log) => _logs[(int)log].Count;

    public OccupancyView View => new()
    {
        SmallSegments = _logs[0].Count,
        MainSegments = _logs[1].Count,
        SmallBytes = (long)_logs[0].Count * _segmentCapacity,
        MainBytes = (long)_logs[1].Count * _segmentCapacity,
        CapacityBytes = (long)(_segmentLimit - 1) * _segmentCapacity,
        MainOldestBirth = _logs[1].TryPeek(out Segment? oldest) ? oldest.Birth : 0,
        LiveRecords = _live,
    };

    private int Free => _segmentLimit - _logs[0].Count - _logs[1].Count;

    /// <summary>Whether the key is in the store, without counting as a hit.</summary>
    public bool Contains(int key) => _home[key] is not null;

    public LogKind? LogOf(int key) => _home[key] is not { } home ? null : _logs[0].Contains(home) ? LogKind.Small : LogKind.Main;

    /// <summary>A read-through access: true if it was a hit; otherwise the key is inserted.</summary>
    public bool Access(int key)
    {
        if (_home[key] is not null)
        {
            if (_hits[key] < MaxHits)
                _hits[key]++;
            return true;
        }
        Inserts++;
        bool known = _ghost.TryTake(Hash(key), out uint birth, out _);
        LogKind log = Policy.OnInsert(View, known, birth);
        MakeRoom(log);
        Append(log, key, 0, 0);
        PeakLive = Math.Max(PeakLive, ++_live);
        return false;
    }

    public long Replay(ReadOnlySpan<int> accesses)
    {
        long hits = 0;
        foreach (int key in accesses)
        {
            if (Access(key))
                hits++;
        }
        return hits;
    }

    private void MakeRoom(LogKind log)
    {
        int mainReclaims = 0;
        while (!HasRoom(log) && Free <= 1)
        {
            VictimKind victim = Policy.ChooseVictim(View, mainReclaims);
            if (victim == VictimKind.MainOldest)
                MostMainReclaims = Math.Max(MostMainReclaims, ++mainReclaims);
            Reclaim(victim);
        }
    }

    private void Reclaim(VictimKind victim)
    {
        LogKind log = victim == VictimKind.MainOldest ? LogKind.Main : LogKind.Small;
        Segment segment = _logs[(int)log].Dequeue();
        if (victim == VictimKind.RelabelSmallOldest)
        {
            _logs[1].Enqueue(segment);
            Relabels++;
            return;
        }
        if (_open[(int)log] == segment)
            _open[(int)log] = null;
        OccupancyView view = View;
        Policy.BeginVictim(victim, segment.Birth);
        for (int i = 0; i < segment.Count; i++)
        {
            int key = segment.Keys[i];
            if (_home[key] != segment)
                continue;
            Fate fate = Policy.Judge(log, _hits[key], _tags[key], view, out int newHits, out int newTag);
            if (fate == Fate.KeepInMain)
            {
                Copies++;
                Append(LogKind.Main, key, newHits, newTag);
                continue;
            }
            if (fate == Fate.DropAndRemember)
                _ghost.Add(Hash(key), segment.Birth, 0, out _);
            _home[key] = null;
            _live--;
        }
    }

    private bool HasRoom(LogKind log) => _open[(int)log] is { } open && open.Count < open.Keys.Length;

    private void Append(LogKind log, int key, int hits, int tag)
    {
        if (!HasRoom(log))
        {
            Segment fresh = new(_segmentCapacity) { Birth = Policy.Clock };
            _open[(int)log] = fresh;
            _logs[(int)log].Enqueue(fresh);
        }
        Segment open = _open[(int)log]!;
        open.Keys[open.Count++] = key;
        _home[key] = open;
        _hits[key] = (byte)hits;
        _tags[key] = (byte)tag;
    }

    // splitmix64: keys of traces are small consecutive numbers
    private static ulong Hash(int key)
    {
        ulong x = (ulong)key + 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
