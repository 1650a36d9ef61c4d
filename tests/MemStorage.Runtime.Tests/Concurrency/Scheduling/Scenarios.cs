using System.Globalization;

namespace MemStorage.Tests.Concurrency.Scheduling;

/// <summary>
/// The races of the core by name, each as a few threads with real calls on a small store: 1 KiB segments, so that every schedule seals, recycles, cleans and grows.
/// </summary>
internal static class Scenarios
{
    private const int Fixed = 100;

    public static IReadOnlyDictionary<string, Scenario> All { get; } = new Dictionary<string, Scenario>
    {
        ["read and evict"] = new(seed => Evicting(seed), s => [Reads(s, 12, 24, back => s.Get(s.Newest - back)), Reads(s, 12, 24, back => s.Get(s.Newest - back)), Appends(s, 80, 2, Fixed)]),
        ["read and overwrite in place"] = new(seed => WithRoom(seed, 3), s => [Reads(s, 8, 3, s.Get), Reads(s, 8, 3, s.Get), Sets(s, 15, 0, 3, 1, FixedLength)]),
        ["compact and overwrite"] = new(seed => Dirty(seed), s => [Sets(s, 40, 0, 20, 2, AnyLength), Sets(s, 40, 1, 20, 2, AnyLength), Reads(s, 15, 40, s.Get), Reads(s, 15, 40, s.Get)]),
        ["seal and append"] = new(seed => WithRoom(seed, 4), s => [Appends(s, 12, 1), Appends(s, 12, 2), Reads(s, 12, 300, s.Get), Views(s, 6, 300)]),
        ["grow and probe"] = new(seed => WithRoom(seed, 42), s => [Appends(s, 90, 1, 24), Reads(s, 30, 42, s.Get), Reads(s, 30, 42, s.Get), Deletes(s, 4, 0, 4)], MaxBuckets: 8),
        ["delete and compact"] = new(seed => Dirty(seed), s => [SetsAndDeletes(s, 40, 0, 20, 2), SetsAndDeletes(s, 40, 1, 20, 2), Reads(s, 15, 40, s.Get), Reads(s, 15, 40, s.Get)]),
        ["no-copy and retire"] = new(seed => Evicting(seed), s => [ViewsOfNewest(s, 12, 24), ViewsOfNewest(s, 12, 24), Appends(s, 80, 2, Fixed)]),
        ["no-copy and overwrite in place"] = new(seed => WithRoom(seed, 3), s => [Views(s, 6, 3), Reads(s, 4, 3, s.Get), Sets(s, 15, 0, 3, 1, FixedLength)]),
        ["kept place and reuse"] = new(seed => Evicting(seed), s => [Places(s, 24), Places(s, 24), AppendsAndOverwrites(s, 90)]),
        ["close and everything"] = new(Closing, s => [Mixed(s, 10), Reads(s, 12, 30, s.Get), Views(s, 12, 30), Sets(s, 20, 0, 30, 1, AnyLength), Close(s)]),
        ["clear and everything"] = new(seed => Pressed(seed), s => [Mixed(s, 14), Mixed(s, 14), Reads(s, 10, 30, s.Get), Clears(s, 3)]),
        ["everything"] = new(seed => Pressed(seed), s => [Mixed(s, 18), Mixed(s, 18), Mixed(s, 18), Views(s, 8, 30)]),
    };

    // ---- stores ----

    /// <summary>Nothing is ever lost.</summary>
    private static ScheduledStore WithRoom(int seed, int keys)
    {
        ScheduledStore store = new(seed, o => o.EvictionMode = EvictionMode.Refuse, mayMiss: false);
        for (int id = 0; id < keys; id++)
            store.Set(id, Fixed);
        return store;
    }

    /// <summary>Full, so that each write evicts; what goes are the newest keys, whose segments are used again at once.</summary>
    private static ScheduledStore Evicting(int seed)
    {
        ScheduledStore store = new(seed, o => o.MaxMemoryBytes = 64 << 10, mayMiss: true);
        store.LeaveRoom(20 << 10);
        for (int id = 0; id < 200; id++)
            store.Set(id, Fixed);
        return store;
    }

    /// <summary>Half live and half dead, and never evicts: cleaning is all there is.</summary>
    private static ScheduledStore Dirty(int seed)
    {
        ScheduledStore store = new(seed, o => (o.MaxMemoryBytes, o.EvictionMode) = (64 << 10, EvictionMode.Refuse), mayMiss: false);
        store.LeaveRoom(28 << 10);
        for (int round = 0; round < 2; round++)
        {
            for (int id = 0; id < 40; id++)
                store.Set(id, 60 + (round * 40));
        }
        return store;
    }

    private static ScheduledStore Closing(int seed)
    {
        ScheduledStore store = new(seed, o => o.ShardCount = 2, mayMiss: false) { MayBeClosed = true };
        for (int id = 0; id < 30; id++)
            store.Set(id, Fixed);
        return store;
    }

    /// <summary>Evicts, cleans, expires, compresses, follows changes; two shards.</summary>
    private static ScheduledStore Pressed(int seed)
    {
        ScheduledStore store = new(
            seed, o => (o.MaxMemoryBytes, o.ShardCount, o.ChangeLogBytes, o.CompressionEnabled) = (64 << 10, 2, 4096, seed % 3 == 0), mayMiss: true);
        store.LeaveRoom(36 << 10);
        for (int id = 0; id < 120; id++)
            store.SetStamped(id, Fixed);
        return store;
    }

    // ---- threads ----

    private static int FixedLength(Random random) => Fixed;

    /// <summary>Mostly as a quarter of a segment at most, now and then with a segment of its own.</summary>
    private static int AnyLength(Random random) => random.Next(24) == 0 ? random.Next(300, 900) : random.Next(24, 200);

    private static Action Calls(int count, Func<int, Action> draw)
    {
        Action[] calls = [.. Enumerable.Range(0, count).Select(draw)];
        return () =>
        {
            foreach (Action call in calls)
                call();
        };
    }

    private static Action Reads(ScheduledStore store, int count, int keys, Action<int> read) => Calls(count, _ =>
    {
        int id = store.Random.Next(keys);
        return () => read(id);
    });

    private static Action Views(ScheduledStore store, int count, int keys) => Reads(store, count, keys, id =>
    {
        store.View(id);
        store.LookAtViewsAgain();
    });

    private static Action ViewsOfNewest(ScheduledStore store, int count, int keys) => Reads(store, count, keys, back =>
    {
        store.View(store.Newest - back);
        store.LookAtViewsAgain();
    });

    /// <summary>Two looks at the place of one of the newest keys at a time, so that a place is kept and looked at again.</summary>
    private static Action Places(ScheduledStore store, int count)
    {
        int id = 0;
        return Calls(count, call =>
        {
            int back = store.Random.Next(12);
            return () =>
            {
                if (call % 3 == 0)
                    id = store.Newest - back;
                store.LookAtPlace(id);
            };
        });
    }

    /// <summary>New keys, and each of the newest again with its second version, in place.</summary>
    private static Action AppendsAndOverwrites(ScheduledStore store, int count) => Calls(count, i =>
    {
        int back = store.Random.Next(8);
        return i % 3 == 2 ? () => store.Set(200 + (i / 3 * 2) - back, Fixed) : () => store.Set(200 + i - (i / 3), Fixed);
    });

    /// <summary>Sets keys <paramref name="first"/>, first + step, …: each key has one writer.</summary>
    private static Action Sets(ScheduledStore store, int count, int first, int keys, int step, Func<Random, int> length) => Calls(count, _ =>
    {
        int id = first + (store.Random.Next(keys) * step);
        int bytes = length(store.Random);
        return () => store.Set(id, bytes);
    });

    private static Action SetsAndDeletes(ScheduledStore store, int count, int first, int keys, int step) => Calls(count, _ =>
    {
        int id = first + (store.Random.Next(keys) * step);
        int bytes = AnyLength(store.Random);
        return store.Random.Next(3) == 0 ? () => store.Delete(id) : () => store.Set(id, bytes);
    });

    /// <summary>New keys, from 100 times <paramref name="number"/> on.</summary>
    private static Action Appends(ScheduledStore store, int count, int number, int length = 0) => Calls(count, i =>
    {
        int bytes = length == 0 ? AnyLength(store.Random) : length;
        return () => store.Set((number * 100) + i, bytes);
    });

    private static Action Deletes(ScheduledStore store, int count, int first, int keys) => Calls(count, i => () => store.Delete(first + (i % keys)));

    private static Action Clears(ScheduledStore store, int count) => Calls(count, _ => () => store.Do(s => s.Clear()));

    private static Action Close(ScheduledStore store) => () =>
    {
        SeededScheduler.BetweenCalls();
        store.Store.Dispose();
    };

    /// <summary>Every kind of call, on keys that all threads write.</summary>
    private static Action Mixed(ScheduledStore store, int count) => Calls(count, call =>
    {
        int id = 200 + store.Random.Next(25);
        int other = 200 + store.Random.Next(25);
        int bytes = AnyLength(store.Random);
        DateTimeOffset soon = store.Time.GetUtcNow().AddMilliseconds(store.Random.Next(1, 50));
        return store.Random.Next(16) switch
        {
            < 5 => () => store.SetStamped(id, bytes),
            5 => () => store.Delete(id, stamped: true),
            6 => () => store.Update(id, bytes),
            7 => () => store.View(id),
            8 => () => store.BatchGet(id, other),
            9 => () => store.Do(s => s.SweepExpired()),
            10 => () => store.Do(s => _ = s.Set(string.Create(CultureInfo.InvariantCulture, $"expiring{id}"), new StoredItem(new byte[bytes], 0, soon))),
            11 => store.DrainInBackground,
            12 => () => store.Do(s => Invariants.OfReport(s.GetMemoryReport())),
            13 => () => store.Do(s => _ = s.GetSyncBuffer()),
            14 => () => store.Do(s => _ = s.Keys().Count()),
            _ => () => store.Get(id),
        };
    });

    private static class Invariants
    {
        public static void OfReport(MemoryReport report)
        {
            long sum = report.LiveBytes + report.DeadBytes + report.FreeBytes + report.IndexBytes + report.GhostBytes + report.ChangeLogBytes + report.SecondaryIndexBytes;
            if (sum != report.UsedBytes || report.UsedBytes > report.LimitBytes)
                throw new ScheduleFailure($"the report does not sum, or is over the bound: {report}");
        }
    }
}
