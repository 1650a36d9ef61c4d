namespace MemStorage.Traces;

/// <summary>
/// Made-up traces of the kinds of load that caches meet, beside the recorded ones: a policy that is tuned on a few recordings must hold on these too.
/// The same seed gives the same trace.
/// </summary>
internal static class SyntheticTraces
{
    /// <summary>Every kind, by name.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "zipf-0.6", "zipf-0.8", "zipf-1.0", "zipf-1.2", "recent", "recent-strong", "recent-tiny", "zipf-tiny", "mix-tiny", "drift", "jump", "scan-in-hot", "scan-heavy",
        "loops", "loop-in-hot", "one-hit-80", "twice-soon", "twice-late", "day-night", "fading", "fading-fast", "files", "small-is-hot", "large-is-hot",
    ];

    /// <summary>Makes a trace.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="accesses">Its length.</param>
    /// <param name="seed">Of the random numbers.</param>
    public static Trace Make(string name, int accesses = 200_000, int seed = 1)
    {
        TraceWriter writer = new(seed);
        Random random = writer.Random;
        switch (name)
        {
            case "zipf-0.6": Zipf(writer, accesses, 20_000, 0.6); break;
            case "zipf-0.8": Zipf(writer, accesses, 20_000, 0.8); break;
            case "zipf-1.0": Zipf(writer, accesses, 20_000, 1.0); break;
            case "zipf-1.2": Zipf(writer, accesses, 20_000, 1.2); break;
            case "zipf-tiny": Zipf(writer, accesses / 4, 600, 0.9); break;
            case "recent": Recent(writer, accesses, newKeys: 0.08, tail: 0.75); break;
            case "recent-strong": Recent(writer, accesses, newKeys: 0.04, tail: 1.1); break;
            case "recent-tiny": Recent(writer, accesses / 8, newKeys: 0.04, tail: 0.6); break;
            case "mix-tiny": MixTiny(writer, accesses / 4); break;
            case "drift": Drift(writer, accesses); break;
            case "jump": Jump(writer, accesses); break;
            case "scan-in-hot": ScanInHot(writer, accesses, hot: 6_000, every: 12_000, scan: 6_000); break;
            case "scan-heavy": ScanInHot(writer, accesses, hot: 3_000, every: 3_000, scan: 6_000); break;
            case "loops": Loops(writer, accesses); break;
            case "loop-in-hot": LoopInHot(writer, accesses); break;
            case "one-hit-80": OneHit(writer, accesses); break;
            case "twice-soon": Twice(writer, accesses, meanGap: 300); break;
            case "twice-late": Twice(writer, accesses, meanGap: 8_000); break;
            case "day-night": DayNight(writer, accesses); break;
            case "fading": Fading(writer, accesses, births: 0.10, tail: 0.8); break;
            case "fading-fast": Fading(writer, accesses, births: 0.25, tail: 1.3); break;
            case "files": Files(writer, accesses); break;
            case "small-is-hot": Sized(writer, accesses, smallIsHot: true); break;
            case "large-is-hot": Sized(writer, accesses, smallIsHot: false); break;
            default: throw new ArgumentException($"There is no made-up trace '{name}'.", nameof(name));
        }
        return writer.Finish(name);

        void MixTiny(TraceWriter w, int count)
        {
            // a few hundred hot keys, and a loop of 400 now and then
            ZipfSampler hot = new(500, 0.8, random);
            for (int i = 0; i < count; i++)
                w.Add(i % 4_000 < 1_200 ? 1_000_000 + i % 400 : hot.Next());
        }
    }

    private static void Zipf(TraceWriter w, int count, int keys, double exponent)
    {
        ZipfSampler sampler = new(keys, exponent, w.Random);
        for (int i = 0; i < count; i++)
            w.Add(sampler.Next());
    }

    /// <summary>The next key is drawn by how long ago it was used: depth in an LRU stack, power law. Friendly to LRU.</summary>
    private static void Recent(TraceWriter w, int count, double newKeys, double tail)
    {
        RecencyStack stack = new(count);
        int next = 0;
        for (int i = 0; i < count; i++)
        {
            if (stack.Count == 0 || w.Random.NextDouble() < newKeys)
                w.Add(stack.Push(next++));
            else
            {
                // Pareto, at least 1
                double depth = Math.Pow(1 - w.Random.NextDouble(), -1 / tail);
                w.Add(stack.Touch((int)Math.Min(stack.Count - 1, depth - 1)));
            }
        }
    }

    /// <summary>A working set that slides slowly over the keys.</summary>
    private static void Drift(TraceWriter w, int count)
    {
        ZipfSampler sampler = new(4_000, 0.7, w.Random);
        for (int i = 0; i < count; i++)
            w.Add(i / 12 + sampler.Next());
    }

    /// <summary>A working set that is replaced as a whole, now and then.</summary>
    private static void Jump(TraceWriter w, int count)
    {
        ZipfSampler sampler = new(3_000, 0.8, w.Random);
        for (int i = 0; i < count; i++)
            w.Add(i / 25_000 * 3_000 + sampler.Next());
    }

    private static void ScanInHot(TraceWriter w, int count, int hot, int every, int scan)
    {
        ZipfSampler sampler = new(hot, 0.9, w.Random);
        int next = 10_000_000;
        for (int i = 0; i < count;)
        {
            for (int j = 0; j < every && i < count; j++, i++)
                w.Add(sampler.Next());
            for (int j = 0; j < scan && i < count; j++, i++)
                w.Add(next++);
        }
    }

    /// <summary>One loop after another, shorter and longer than the sizes that are replayed.</summary>
    private static void Loops(TraceWriter w, int count)
    {
        int[] lengths = [300, 700, 1_500, 3_000, 6_000];
        int perLength = count / lengths.Length;
        int first = 0;
        foreach (int length in lengths)
        {
            for (int i = 0; i < perLength; i++)
                w.Add(first + i % length);
            first += length;
        }
    }

    private static void LoopInHot(TraceWriter w, int count)
    {
        ZipfSampler hot = new(4_000, 0.9, w.Random);
        int loop = 0;
        for (int i = 0; i < count; i++)
            w.Add(w.Random.NextDouble() < 0.4 ? 1_000_000 + loop++ % 4_000 : hot.Next());
    }

    private static void OneHit(TraceWriter w, int count)
    {
        // of the keys, 80 % are asked for once
        ZipfSampler hot = new(6_000, 0.8, w.Random);
        int next = 1_000_000;
        for (int i = 0; i < count; i++)
            w.Add(w.Random.NextDouble() < 0.12 ? next++ : hot.Next());
    }

    /// <summary>Half of the load are keys that are asked for exactly twice.</summary>
    private static void Twice(TraceWriter w, int count, int meanGap)
    {
        ZipfSampler hot = new(4_000, 0.9, w.Random);
        PriorityQueue<int, double> due = new();
        int next = 1_000_000;
        for (int i = 0; i < count; i++)
        {
            if (due.TryPeek(out int key, out double when) && when <= i)
            {
                due.Dequeue();
                w.Add(key);
            }
            else if (w.Random.NextDouble() < 0.33)
            {
                due.Enqueue(next, i - Math.Log(1 - w.Random.NextDouble()) * meanGap);
                w.Add(next++);
            }
            else
                w.Add(hot.Next());
        }
    }

    /// <summary>By day people who ask for what is popular, by night a job that goes through everything twice.</summary>
    private static void DayNight(TraceWriter w, int count)
    {
        const int Day = 30_000;
        const int Night = 10_000;
        ZipfSampler people = new(8_000, 0.9, w.Random);
        for (int i = 0; i < count; i++)
        {
            int hour = i % (Day + Night);
            int today = i / (Day + Night);
            // a tenth of what is popular changes overnight
            w.Add(hour < Day ? (people.Next() is var k && k % 10 == today % 10 ? k + 8_000 * (1 + today) : k) : (hour - Day) % (Night / 2));
        }
    }

    /// <summary>New keys come all the time and are asked for less and less, as news is.</summary>
    private static void Fading(TraceWriter w, int count, double births, double tail)
    {
        int newest = 0;
        for (int i = 0; i < count; i++)
        {
            if (newest == 0 || w.Random.NextDouble() < births)
                w.Add(newest++);
            else
            {
                double age = Math.Pow(1 - w.Random.NextDouble(), -1 / tail) * 3;
                w.Add(age < newest ? newest - 1 - (int)age : w.Random.Next(newest));
            }
        }
    }

    /// <summary>Blocks of files: a popular file is read from its beginning, a part or the whole of it.</summary>
    private static void Files(TraceWriter w, int count)
    {
        ZipfSampler files = new(800, 0.8, w.Random);
        for (int i = 0; i < count;)
        {
            int file = files.Next();
            int length = 4 + (int)((uint)(file * 2654435761L) >> 16) % 60;
            int read = w.Random.NextDouble() < 0.5 ? length : w.Random.Next(1, length + 1);
            for (int block = 0; block < read && i < count; block++, i++)
                w.Add(file * 1_000 + block);
        }
    }

    private static void Sized(TraceWriter w, int count, bool smallIsHot)
    {
        const int Keys = 20_000;
        ZipfSampler sampler = new(Keys, 0.85, w.Random);
        w.SizeOf = key =>
        {
            double place = key / (double)Keys; // 0: the most popular
            return (int)(32 * Math.Pow(64, smallIsHot ? place : 1 - place));
        };
        for (int i = 0; i < count; i++)
            w.Add(sampler.NextRank());
    }
}
