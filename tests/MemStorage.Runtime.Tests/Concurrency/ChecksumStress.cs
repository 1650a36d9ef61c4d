using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using MemStorage.Storage;
using MemStorage.Tests.Support;

namespace MemStorage.Tests.Concurrency;

/// <summary>What a checksum stress runs on.</summary>
internal sealed record StressOptions
{
    public required int Seed { get; init; }

    public int SegmentBytes { get; init; } = 1024;

    public int Shards { get; init; } = 2;

    /// <summary>Evicts when it is small; with room for everything, no miss and no stale read is allowed either.</summary>
    public long Limit { get; init; } = 256 << 10;

    public bool EverythingFits { get; init; }

    public int Keys { get; init; } = 1000;

    /// <summary>Always the same length: most writes overwrite in place.</summary>
    public bool FixedLength { get; init; }

    public bool Compression { get; init; } = true;

    public int Writers { get; init; } = 2;

    public int Readers { get; init; } = 2;

    /// <summary>Every eighth read takes no copy. Without: segments are never marked as shared, so that all may be overwritten in place and recycled.</summary>
    public bool NoCopyReads { get; init; } = true;

    /// <summary>New keys all the time, so that the index grows; with <see cref="EverythingFits"/> every miss is a lost entry.</summary>
    public bool Growing { get; init; }

    /// <summary>How many writes pass while a reader stands (<see cref="ChecksumStress.StandWhileWritersGoOn"/>); 0: none stands.</summary>
    public int WritesPerStand { get; init; }

    /// <summary>Where.</summary>
    public TestPoint StandAt { get; init; }

    /// <summary>The run ends when readers have stood so often.</summary>
    public int MostStands { get; init; } = 400;

    /// <summary>A collection every so many milliseconds; readers and writers must not care.</summary>
    public int CollectEveryMilliseconds { get; init; } = 50;

    /// <summary>These collections move what lies on the large object heap: segments from 85,000 bytes on, and large values.</summary>
    public bool Compacting { get; init; }
}

/// <summary>What a checksum stress saw.</summary>
internal sealed record StressResult(long Reads, long Writes, long Hits, long Evictions, IReadOnlyList<string> Failures)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Reads:N0} reads ({Hits:N0} hits), {Writes:N0} writes, {Evictions:N0} evictions, {Failures.Count} failures{(Failures.Count == 0 ? "" : ": " + string.Join("; ", Failures.Take(5)))}");
}

/// <summary>
/// Writers overwrite while segments are recycled under them; readers verify every byte of what they read, that it belongs to the key they asked for, and that it is no older
/// than what they knew to be committed. Views without a copy are held for long and verified again at the end.
/// </summary>
internal sealed class ChecksumStress : IDisposable
{
    private const int HeldViews = 500;

    /// <summary>For a run that has not seen everything in its time; then it fails for that.</summary>
    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(5);

    private readonly StressOptions _options;
    private readonly MemStore _store;
    private readonly long[] _committed;
    private readonly List<string> _failures = [];
    private int _keys;
    private long _reads, _writes, _hits;
    private long _progress;
    private int _stands;
    private int _writersRunning;
    private volatile bool _stop;
    private volatile bool _hasHit;

    /// <summary>Set on the threads that read.</summary>
    [ThreadStatic]
    private static ChecksumStress? t_reader;

    [ThreadStatic]
    private static uint t_points;

    private ChecksumStress(StressOptions options)
    {
        _options = options;
        _committed = new long[options.Growing ? 200_000 : options.Keys];
        _keys = options.Growing ? options.Writers : options.Keys;
        _store = new MemStore(new MemStoreOptions
        {
            MaxMemoryBytes = options.EverythingFits ? 256L << 20 : options.Limit,
            ShardCount = options.Shards,
            SegmentBytes = options.SegmentBytes,
            CompressionEnabled = options.Compression,
            ChangeLogBytes = 0,
        });
    }

    /// <summary>Runs until the time is over or, where <paramref name="untilFailure"/>, until something is wrong.</summary>
    public static StressResult Run(StressOptions options, TimeSpan time, bool untilFailure = false)
    {
        using var stress = new ChecksumStress(options);
        return stress.RunThreads(time, untilFailure);
    }

    /// <summary>
    /// For the named points: every 64th time a reader stands there until the writers have made so many writes. What has to happen in the meantime for the read to go wrong then has
    /// happened, however slow the machine is and however few cores it has.
    /// </summary>
    public static void StandWhileWritersGoOn(TestPoint point)
    {
        if (t_reader is not { } stress || point != stress._options.StandAt || (++t_points & 63) != 0)
            return;
        Interlocked.Increment(ref stress._stands);
        long target = Volatile.Read(ref stress._progress) + stress._options.WritesPerStand;
        while (Volatile.Read(ref stress._progress) < target && !stress._stop && Volatile.Read(ref stress._writersRunning) > 0)
            Thread.Yield();
    }

    /// <summary>On a machine where the threads do not run for seconds, time alone shows nothing.</summary>
    private bool HasSeenEnough => Volatile.Read(ref _progress) > 0 && _hasHit && (_options.EverythingFits || _store.Stats().EvictCount > 0);

    private bool HasStoodEnough => _options.WritesPerStand > 0 && Volatile.Read(ref _stands) >= _options.MostStands;

    private StressResult RunThreads(TimeSpan time, bool untilFailure)
    {
        List<Thread> threads = [];
        for (int t = 0; t < _options.Writers; t++)
        {
            int number = t;
            _writersRunning++;
            threads.Add(new Thread(() => Guarded(() => Write(number))) { IsBackground = true, Name = $"writer {t}" });
        }
        for (int t = 0; t < _options.Readers; t++)
        {
            int number = t;
            threads.Add(new Thread(() => Guarded(() => Read(number))) { IsBackground = true, Name = $"reader {t}" });
        }
        foreach (Thread thread in threads)
            thread.Start();
        long started = Stopwatch.GetTimestamp();
        while ((Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < time || (!HasSeenEnough && elapsed < MostTime)) && !(FailureCount > 0 && (untilFailure || FailureCount > 100)) && !HasStoodEnough)
        {
            if (threads[0].Join(_options.CollectEveryMilliseconds))
                break;
            if (_options.Compacting)
                GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: _options.Compacting);
        }
        _stop = true;
        foreach (Thread thread in threads)
        {
            if (!thread.Join(TimeSpan.FromMinutes(5)))
                Fail($"{thread.Name} does not end");
        }
        long evictions = _store.Stats().EvictCount;
        try
        {
            // with a guard taken out the structures still hold: only readers were lied to
            StoreInvariants.Assert(_store);
        }
        catch (Exception e)
        {
            Fail(e.Message);
        }
        return new StressResult(_reads, _writes, _hits, evictions, _failures);
    }

    public void Dispose() => _store.Dispose();

    private int FailureCount
    {
        get
        {
            lock (_failures)
                return _failures.Count;
        }
    }

    private void Fail(string what)
    {
        lock (_failures)
        {
            if (_failures.Count < 1000)
                _failures.Add(what);
        }
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            Fail($"{Thread.CurrentThread.Name}: {e}");
        }
    }

    private void Write(int number)
    {
        Random random = new(_options.Seed + number);
        long writes = 0;
        while (!_stop)
        {
            Interlocked.Increment(ref _progress);
            int id;
            if (_options.Growing)
            {
                id = number + (int)(writes * _options.Writers);
                if (id >= _committed.Length)
                    break;
            }
            else
                id = (random.Next(_options.Keys / _options.Writers) * _options.Writers) + number;
            long stamp = _committed[id] + 1;
            SetResult result = _store.Set(Key(id), new StoredItem(Payload.Create(id, stamp, Length(random)), stamp));
            writes++;
            if (result == SetResult.Stored)
                Volatile.Write(ref _committed[id], stamp);
            else if (result == SetResult.Superseded || _options.EverythingFits)
                Fail($"writing stamp {stamp} of key {id}: {result}");
            if (_options.Growing)
                InterlockedMax(ref _keys, id + 1);
            if ((writes & 15) == 0 && stamp > 1 && result == SetResult.Stored)
            {
                // an older version must lose while the newer one is there
                if (_store.Set(Key(id), new StoredItem(Payload.Create(id, stamp - 1, 100), stamp - 1)) == SetResult.Stored && _options.EverythingFits)
                    Fail($"an older stamp than {stamp} of key {id} was stored");
            }
        }
        Interlocked.Add(ref _writes, writes);
        Interlocked.Decrement(ref _writersRunning);
    }

    private void Read(int number)
    {
        t_reader = this;
        Random random = new(_options.Seed + 1000 + number);
        Queue<(NoCopyItem Item, int Id, long Stamp)> held = new();
        long reads = 0, hits = 0;
        while (!_stop)
        {
            int id = random.Next(Volatile.Read(ref _keys));
            long committed = Volatile.Read(ref _committed[id]);
            reads++;
            bool found;
            ReadOnlySpan<byte> value;
            long version;
            NoCopyItem view = default;
            bool noCopy = _options.NoCopyReads && (reads & 7) == 0;
            if (noCopy)
            {
                found = _store.TryGetNoCopy(Key(id), out view);
                value = view.Value.Span;
                version = view.Version;
            }
            else
            {
                found = _store.TryGet(Key(id), out StoredItem? item);
                value = found ? item!.Value.Span : default;
                version = item?.Version ?? 0;
            }
            if (!found)
            {
                if (_options.EverythingFits && committed > 0)
                    Fail($"key {id} was committed with stamp {committed} and is gone");
                continue;
            }
            hits++;
            _hasHit = true;
            if (!Payload.TryVerify(value, id, out long stamp))
                Fail($"key {id} has wrong bytes{(noCopy ? " without a copy" : "")} (version {version}, {value.Length} bytes)");
            else if (stamp != version)
                Fail($"key {id} has the bytes of stamp {stamp} and the version {version}");
            else if (stamp < committed && _options.EverythingFits)
                Fail($"key {id} was read with stamp {stamp} after {committed} was committed");
            if (!noCopy)
                continue;
            held.Enqueue((view, id, stamp));
            if (held.Count > HeldViews)
                VerifyHeld(held.Dequeue());
        }
        while (held.TryDequeue(out (NoCopyItem, int, long) view))
            VerifyHeld(view);
        Interlocked.Add(ref _reads, reads);
        Interlocked.Add(ref _hits, hits);
    }

    private void VerifyHeld((NoCopyItem Item, int Id, long Stamp) view)
    {
        if (!Payload.TryVerify(view.Item.Value.Span, view.Id, out long stamp) || stamp != view.Stamp)
            Fail($"the view of key {view.Id}, stamp {view.Stamp}, has changed while it was held");
    }

    private int Length(Random random)
    {
        if (_options.FixedLength)
            return 100;
        return random.Next(60) == 0 ? random.Next(Payload.MinLength, _options.SegmentBytes * 3) : random.Next(Payload.MinLength, Math.Min(300, _options.SegmentBytes / 5));
    }

    private static string Key(int id) => string.Create(CultureInfo.InvariantCulture, $"key:{id}");

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
