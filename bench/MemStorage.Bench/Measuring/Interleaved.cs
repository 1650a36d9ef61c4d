using System.Diagnostics;

namespace MemStorage.Bench.Measuring;

/// <summary>Does <paramref name="count"/> operations from <paramref name="start"/> on; the sum keeps the work alive.</summary>
internal delegate long Batch(int thread, int start, int count);

/// <summary>One subject doing one thing.</summary>
internal sealed record Contestant(string Subject, string Metric, Batch Run);

/// <summary>What one contestant cost per operation, a value for each round.</summary>
internal sealed class Cost
{
    public List<double> CpuNanoseconds { get; } = [];

    /// <summary>So that threads / this is what all of them do together.</summary>
    public List<double> WallNanoseconds { get; } = [];

    public List<double> AllocatedBytes { get; } = [];
}

/// <summary>
/// Runs contestants in turn, round after round, so that whatever disturbs the machine disturbs all of them. The first two rounds only warm up: the runtime compiles a
/// method for good some time after it was used for the first time, and not while others are used for the first time.
/// </summary>
internal static class Interleaved
{
    private const int BatchSize = 256;
    private const int WarmUpRounds = 2;
    private const int LeastWarmUpMilliseconds = 200;

    // keeps the compiler from dropping the work
    private static long _sink;

    public static Dictionary<Contestant, Cost> Run(IReadOnlyList<Contestant> contestants, int threads, int milliseconds, int rounds, Action<string> progress)
    {
        Dictionary<Contestant, Cost> result = contestants.ToDictionary(c => c, _ => new Cost());
        for (int round = -WarmUpRounds; round < rounds; round++)
        {
            progress($"{contestants[0].Metric}, {threads} thread(s): {(round < 0 ? "warm-up" : $"round {round + 1} of {rounds}")}");
            for (int turn = 0; turn < contestants.Count; turn++)
            {
                // each round begins with another one: nobody always comes after the same, whose garbage and threads may still be about
                Contestant contestant = contestants[(turn + round + WarmUpRounds) % contestants.Count];
                (double cpu, double wall, double bytes) = RunOnce(contestant.Run, threads, round < 0 ? Math.Max(milliseconds, LeastWarmUpMilliseconds) : milliseconds);
                if (round < 0)
                    continue;
                Cost cost = result[contestant];
                cost.CpuNanoseconds.Add(cpu);
                cost.WallNanoseconds.Add(wall);
                cost.AllocatedBytes.Add(bytes);
            }
        }
        return result;
    }

    private static (double Cpu, double Wall, double Bytes) RunOnce(Batch batch, int threads, int milliseconds)
    {
        using Barrier start = new(threads);
        long[] cpu = new long[threads];
        double[] perNanosecond = new double[threads];
        long[] bytes = new long[threads];
        long[] operations = new long[threads];
        RunThreads(threads, thread =>
        {
            // threads begin in different places of the same random order
            int position = thread * 524_288;
            long sum = 0;
            long count = 0;
            start.SignalAndWait();
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long cpuStart = ThreadClock.Nanoseconds;
            long wallStart = Stopwatch.GetTimestamp();
            TimeSpan elapsed;
            do
            {
                sum += batch(thread, position, BatchSize);
                position = (position + BatchSize) & int.MaxValue;
                count += BatchSize;
                elapsed = Stopwatch.GetElapsedTime(wallStart);
            }
            while (elapsed.TotalMilliseconds < milliseconds);
            cpu[thread] = ThreadClock.Nanoseconds - cpuStart;
            perNanosecond[thread] = count / elapsed.TotalNanoseconds;
            bytes[thread] = GC.GetAllocatedBytesForCurrentThread() - allocated;
            operations[thread] = count;
            Interlocked.Add(ref _sink, sum);
        });
        // of all threads together: where some get on and others wait, the mean of their times would count those that wait as much as the others
        double all = operations.Sum();
        return (cpu.Sum() / all, threads / perNanosecond.Sum(), bytes.Sum() / all);
    }

    /// <summary>Runs the body on so many threads, this one among them, and rethrows what one of them threw.</summary>
    public static void RunThreads(int threads, Action<int> body)
    {
        Exception? failure = null;
        void Guarded(int thread)
        {
            try
            {
                body(thread);
            }
            catch (Exception e)
            {
                failure = e;
            }
        }

        Thread[] others = [.. Enumerable.Range(1, threads - 1).Select(t => new Thread(() => Guarded(t)))];
        foreach (Thread thread in others)
            thread.Start();
        Guarded(0);
        foreach (Thread thread in others)
            thread.Join();
        if (failure is not null)
            throw new InvalidOperationException("A thread of the benchmark failed.", failure);
    }
}
