using System.Text;
using System.Text.Unicode;
using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Measuring;
using MemStorage.Bench.Reporting;

namespace MemStorage.Bench.Scenarios;

/// <summary>
/// The bound under a script that tries to break it. The counted bytes are looked at after every single operation and must never exceed the bound. The growth of the process
/// is reported twice: at its highest, garbage that the collector has not taken yet included (values with a segment of their own leave much of it), and after a full collection at the
/// end of each phase, where it must stay within the bound, 5 %, and a constant, apart from segments that held no-copy results keep alive.
/// </summary>
internal sealed class BoundScenario : Scenario
{
    // the code that ran for the first time, the runtime's own heaps, thread stacks
    private const long ProcessConstant = 48 << 20;
    private const double ProcessSlack = 1.05;
    private const int LookAtProcessEvery = 2000;
    private const int MostHeld = 5000;
    private const int KeyBytes = 32;
    private const int WarmUpGarbage = 600;

    public override string Name => "bound";

    public override string Summary => "process memory against the bound, under an adversarial script";

    public override IReadOnlyList<Option> Options { get; } =
    [
        new("mb", "256", "32", "the bound, in MiB"),
        new("operations", "600000", "60000", "operations per phase"),
        new("adversary", null, null, "accepted for readability: the script is always adversarial"),
    ];

    public override void Run(Arguments arguments, Report report)
    {
        long limit = (long)arguments.Number("mb") << 20;
        int operations = arguments.Number("operations");
        long residentBefore = WarmUp();
        using MemStore store = new(new MemStoreOptions { MaxMemoryBytes = limit, CompressionEnabled = false });
        Watch watch = new(store, limit, residentBefore, report);
        int segment = SegmentGuess(limit);
        byte[] noise = new byte[Math.Max(1 << 20, 2 * segment)];
        Random random = new(11);
        random.NextBytes(noise);

        watch.Phase("values of 1 to 16 bytes", operations, i => Set(store, i, noise.AsSpan(0, 1 + random.Next(16))));
        watch.Phase("values around a quarter, a half, one and two segments", operations / 20, i => Set(store, random.Next(5000), noise.AsSpan(0, Math.Max(1, (segment << random.Next(4)) / 4 + random.Next(-64, 64)))));
        watch.Phase("tombstones", operations, i => Delete(store, i));
        watch.Phase("index growth", operations, i => Set(store, 1_000_000 + i, noise.AsSpan(0, 8)));
        watch.Phase("overwrites that grow", operations, i => Set(store, random.Next(20_000), noise.AsSpan(0, 1 + i % 2000)));
        watch.Phase("entries that expire at once", operations, i => _ = store.Set(KeyOf(i % 50_000, stackalloc byte[KeyBytes]), noise.AsSpan(0, 200), expireAt: DateTimeOffset.UtcNow.AddMilliseconds(random.Next(5))));
        Queue<NoCopyItem> held = new();
        watch.Phase("no-copy results held", operations, i =>
        {
            Set(store, random.Next(200_000), noise.AsSpan(0, 100 + random.Next(400)));
            if (store.TryGetNoCopy(KeyOf(random.Next(200_000), stackalloc byte[KeyBytes]), out NoCopyItem item))
                held.Enqueue(item);
            if (held.Count > MostHeld)
                held.Dequeue();
        });
        held.Clear();
        watch.Phase("everything at once", operations, i =>
        {
            int key = random.Next(300_000);
            int size = random.Next(100) switch { 0 => random.Next(1, 2 * segment), < 20 => random.Next(1, 16), _ => random.Next(1, 1500) };
            if (random.Next(10) == 0)
                Delete(store, key);
            else
                Set(store, key, noise.AsSpan(0, size));
        });
        watch.Finish();
    }

    // no strings: the growth of the process is to be the store's
    private static ReadOnlySpan<byte> KeyOf(int i, Span<byte> buffer) => Utf8.TryWrite(buffer, $"key:{i}", out int written) ? buffer[..written] : default;

    // a refusal is fine, an overrun is not
    private static void Set(MemStore store, int key, ReadOnlySpan<byte> value) => _ = store.Set(KeyOf(key, stackalloc byte[KeyBytes]), value);

    // the key API of deletions takes text
    private static void Delete(MemStore store, int key) => _ = store.Delete($"key:{key}");

    // what a store of this bound uses unless told otherwise: a 48th of a shard, a power of two, 16 KiB to 1 MiB
    private static int SegmentGuess(long limit) => (int)Math.Clamp((long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)(limit / (Environment.ProcessorCount * 4) / 48)) / 2, 1 << 14, 1 << 20);

    private static long WarmUp()
    {
        using (MemStore small = new(new MemStoreOptions { MaxMemoryBytes = 1 << 20 }))
        {
            for (int i = 0; i < 50_000; i++)
                Set(small, i, Encoding.UTF8.GetBytes($"key:{i}"));
        }
        // the collector takes its own room for short-lived objects first
        for (int i = 0; i < WarmUpGarbage; i++)
            GC.KeepAlive(new byte[1 << 20]);
        _ = ProcessMemory.Heap;
        return ProcessMemory.Resident;
    }

    private sealed class Watch(MemStore store, long limit, long residentBefore, Report report)
    {
        private long _counted;
        private long _process;
        private long _shared;

        public void Phase(string name, int operations, Action<int> step)
        {
            long counted = 0;
            long process = 0;
            for (int i = 0; i < operations; i++)
            {
                step(i);
                counted = Math.Max(counted, store.UsedBytes);
                if (i % LookAtProcessEvery != 0)
                    continue;
                long shared = store.GetMemoryReport().SharedBytes;
                _shared = Math.Max(_shared, shared);
                process = Math.Max(process, ProcessMemory.Resident - residentBefore - shared);
            }
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            long settled = ProcessMemory.Resident - residentBefore - store.GetMemoryReport().SharedBytes;
            report.Add("MemStorage", 1, operations, $"counted bytes of the bound, {name}", "%", counted * 100.0 / limit);
            report.Add("MemStorage", 1, operations, $"process growth with garbage, {name}", "%", process * 100.0 / limit);
            report.Add("MemStorage", 1, operations, $"process growth after a collection, {name}", "%", settled * 100.0 / limit);
            report.Progress($"{name}: counted {counted * 100.0 / limit:F2} %, process {process * 100.0 / limit:F1} %, after a collection {settled * 100.0 / limit:F1} %");
            if (counted > limit)
                report.Fail($"{counted:N0} bytes counted, the bound is {limit:N0}.");
            if (settled > limit * ProcessSlack + ProcessConstant)
                report.Fail($"the process grew by {settled:N0} bytes, the bound is {limit:N0}.");
            _counted = Math.Max(_counted, counted);
            _process = Math.Max(_process, process);
        }

        public void Finish()
        {
            report.Add("MemStorage", 1, 0, "counted bytes of the bound, highest", "%", _counted * 100.0 / limit);
            report.Add("MemStorage", 1, 0, "process growth with garbage, highest", "%", _process * 100.0 / limit);
            report.Add("MemStorage", 1, 0, "segments kept by held no-copy results, highest", "MiB", _shared / 1048576.0);
        }
    }
}
