using System.Text;
using System.Text.Unicode;
using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Measuring;
using MemStorage.Bench.Reporting;

namespace MemStorage.Bench.Scenarios;

/// <summary>
/// The bound under a script that tries to break it. The counted bytes are looked at after every single operation and must never exceed the bound. The growth of the process
/// over what it had before the store is looked at all along, whatever garbage it holds at that moment included, and must stay within the bound, 5 %, and a constant, apart from what held
/// no-copy results keep alive. What belongs to the script (payloads, keys) is made, and touched, before.
/// </summary>
internal sealed class BoundScenario : Scenario
{
    private const double ProcessSlack = 1.05;
    private const int MostHeld = 5000;
    private const int MostLargeHeld = 50;
    private const int KeyBytes = 32;
    private const int Keys = 300_000;
    private const int LargestValue = 4 << 20;

    /// <summary>
    /// What a process has beside the bound: 16 MiB may be garbage of the store before it asks for a collection (a thirty-second of bounds over 512 MiB, which is within the 5 %), as
    /// much again is dropped while that runs; the rest is the collector's room for short-lived objects and its own tables, and code that runs for the first time.
    /// </summary>
    private const long ProcessConstant = (2 * 16L << 20) + (24L << 20);

    public override string Name => "bound";

    public override string Summary => "process memory against the bound, under an adversarial script";

    public override IReadOnlyList<Option> Options { get; } =
    [
        new("mb", "256", "32", "the bound, in MiB", ValueRule.Whole(8, 1_000_000)),
        new("operations", "600000", "60000", "operations per phase", ValueRule.Whole(100, 100_000_000)),
        new("adversary", null, null, "accepted for readability: the script is always adversarial"),
    ];

    public override void Run(Arguments arguments, Report report)
    {
        long limit = (long)arguments.Number("mb") << 20;
        int operations = arguments.Number("operations");
        int segment = SegmentGuess(limit);
        byte[] noise = new byte[Math.Max(LargestValue, 2 * segment)];
        Random random = new(11);
        random.NextBytes(noise);
        string[] keys = [.. Enumerable.Range(0, Math.Max(Keys, operations)).Select(i => $"key:{i}")];
        ProcessParts before = WarmUp();
        using MemStore store = new(new MemStoreOptions { MaxMemoryBytes = limit, CompressionEnabled = false });
        Watch watch = new(store, limit, before, report);

        watch.Phase("values of 1 to 16 bytes", operations, i => Set(store, i, noise.AsSpan(0, 1 + random.Next(16))));
        watch.Phase("values around a quarter, a half, one and two segments", operations / 20, i => Set(store, random.Next(5000), noise.AsSpan(0, Math.Max(1, (segment << random.Next(4)) / 4 + random.Next(-64, 64)))));
        watch.Phase("values of 20 KB to 2 MB", operations / 20, i => Set(store, random.Next(1000), noise.AsSpan(0, (int)(20_000 * Math.Pow(100, random.NextDouble())))));
        watch.Phase("large values that grow", operations / 20, i => Set(store, random.Next(100), noise.AsSpan(0, (int)(20_000 + (long)i * (LargestValue - 20_000) / Math.Max(1, operations / 20)))));
        watch.Phase("tombstones", operations, i => Delete(store, keys[i]));
        watch.Phase("index growth", operations, i => Set(store, 1_000_000 + i, noise.AsSpan(0, 8)));
        watch.Phase("overwrites that grow", operations, i => Set(store, random.Next(20_000), noise.AsSpan(0, 1 + i % 2000)));
        watch.Phase("entries that expire at once", operations, i => _ = store.Set(KeyOf(i % 50_000, stackalloc byte[KeyBytes]), noise.AsSpan(0, 200), expireAt: DateTimeOffset.UtcNow.AddMilliseconds(random.Next(5))));
        Queue<NoCopyItem> held = new(MostHeld + 1);
        watch.Phase("no-copy results held", operations, i => Hold(MostHeld, random.Next(200_000), 100 + random.Next(400)));
        held.Clear();
        watch.Phase("large no-copy results held", operations / 20, i => Hold(MostLargeHeld, random.Next(1000), 20_000 + random.Next(500_000)));
        held.Clear();
        watch.Phase("everything at once", operations, i =>
        {
            int key = random.Next(Keys);
            int size = random.Next(100) switch { 0 => random.Next(1, 2 * segment), < 20 => random.Next(1, 16), _ => random.Next(1, 1500) };
            if (random.Next(10) == 0)
                Delete(store, keys[key]);
            else
                Set(store, key, noise.AsSpan(0, size));
        });
        watch.Phase("cleared", 1, _ => store.Clear());
        watch.Finish();
        GC.KeepAlive(keys);

        void Hold(int most, int key, int size)
        {
            Set(store, key, noise.AsSpan(0, size));
            if (store.TryGetNoCopy(KeyOf(key - random.Next(10), stackalloc byte[KeyBytes]), out NoCopyItem item))
                held.Enqueue(item);
            if (held.Count > most)
                held.Dequeue();
        }
    }

    // no strings: the growth of the process is to be the store's
    private static ReadOnlySpan<byte> KeyOf(int i, Span<byte> buffer) => Utf8.TryWrite(buffer, $"key:{i}", out int written) ? buffer[..written] : default;

    // a refusal is fine, an overrun is not
    private static void Set(MemStore store, int key, ReadOnlySpan<byte> value) => _ = store.Set(KeyOf(key, stackalloc byte[KeyBytes]), value);

    private static void Delete(MemStore store, string key) => _ = store.Delete(key);

    // about what a store of this bound uses unless told otherwise: a 48th of a shard, a power of two, 16 KiB to 1 MiB
    private static int SegmentGuess(long limit) => (int)Math.Clamp((long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)(limit / (Environment.ProcessorCount * 4) / 48)) / 2, 1 << 14, 1 << 20);

    /// <summary>Runs the code once, then lets the collector give back what it can: garbage of the warm-up must not hide growth.</summary>
    private static ProcessParts WarmUp()
    {
        using (MemStore small = new(new MemStoreOptions { MaxMemoryBytes = 1 << 20 }))
        {
            byte[] value = new byte[200_000];
            for (int i = 0; i < 50_000; i++)
                Set(small, i, value.AsSpan(0, i % 100 == 0 ? 1 + i * 4 : 10));
        }
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return ProcessParts.Measure(ProcessMemory.Resident, store: null);
    }

    private sealed class Watch(MemStore store, long limit, ProcessParts before, Report report)
    {
        private long _counted;
        private long _process;
        private long _shared;

        public void Phase(string name, int operations, Action<int> step)
        {
            long counted = 0;
            long process = 0;
            long free = 0;
            ProcessParts parts = default;
            int lookEvery = Math.Max(1, operations / 100);
            for (int i = 0; i < operations; i++)
            {
                step(i);
                counted = Math.Max(counted, store.UsedBytes);
                if (i % lookEvery == 0)
                    Look();
            }
            Look();
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            long settled = Growth(ProcessMemory.Resident);
            report.Add("MemStorage", 1, operations, $"counted bytes of the bound, {name}", "%", counted * 100.0 / limit);
            report.Add("MemStorage", 1, operations, $"process growth with garbage, {name}", "%", process * 100.0 / limit);
            report.Add("MemStorage", 1, operations, $"process growth after a collection, {name}", "%", settled * 100.0 / limit);
            report.Add("MemStorage", 1, operations, $"process growth beyond 105 % of the bound, {name}", "MiB", (process - limit * ProcessSlack) / 1048576.0);
            report.Add("MemStorage", 1, operations, $"holes between arrays at the highest look, {name}", "%", parts.Holes * 100.0 / limit);
            report.Add("MemStorage", 1, operations, $"free room of the store at the highest look, {name}", "%", free * 100.0 / limit);
            report.Progress($"{name}: counted {counted * 100.0 / limit:F2} %, process {process * 100.0 / limit:F1} % (holes {parts.Holes * 100.0 / limit:F1} %, free inside the bound {free * 100.0 / limit:F1} %), after a collection {settled * 100.0 / limit:F1} %; {GC.CollectionCount(2)} full collections");
            if (counted > limit)
                report.Fail($"{counted:N0} bytes counted, the bound is {limit:N0}.");
            foreach ((string part, long bytes) in parts.Named())
                report.Add("MemStorage", 1, operations, $"{part} at the highest look, {name}", "%", bytes * 100.0 / limit);
            if (process > limit * ProcessSlack + ProcessConstant)
            {
                report.Fail($"the process grew by {process:N0} bytes; the bound is {limit:N0}, and {ProcessConstant:N0} more are explained.");
                report.Progress($"  there, in % of the bound: {parts.InPercentOf(limit)}");
            }
            _counted = Math.Max(_counted, counted);
            _process = Math.Max(_process, process);

            void Look()
            {
                long resident = ProcessMemory.Resident;
                long growth = Growth(resident);
                if (growth <= process)
                    return;
                process = growth;
                free = store.GetMemoryReport().FreeBytes;
                parts = ProcessParts.Measure(resident, store) - before;
            }
        }

        public void Finish()
        {
            report.Add("MemStorage", 1, 0, "counted bytes of the bound, highest", "%", _counted * 100.0 / limit);
            report.Add("MemStorage", 1, 0, "process growth with garbage, highest", "%", _process * 100.0 / limit);
            report.Add("MemStorage", 1, 0, "allowed beyond 105 % of the bound", "MiB", ProcessConstant / 1048576.0);
            report.Add("MemStorage", 1, 0, "segments kept by held no-copy results, highest", "MiB", _shared / 1048576.0);
        }

        private long Growth(long resident)
        {
            long shared = store.GetMemoryReport().SharedBytes;
            _shared = Math.Max(_shared, shared);
            return resident - before.Resident - shared;
        }
    }
}
