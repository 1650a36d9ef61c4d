namespace MemStorage.Traces;

/// <summary>
/// Made-up traces that no setting of the policy was chosen by: loads that public collections of traces have (key-value clusters, content delivery, block storage, search, photos, an encyclopedia) and
/// <see cref="SyntheticTraces"/> lacks. They were written before the policy was changed and only judge it. The same seed gives the same trace.
/// </summary>
internal static class HeldOutTraces
{
    /// <summary>Every kind, by name.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "kv-cluster", "sessions", "cdn", "block-vm", "block-cloud", "search", "photos", "wiki", "phases", "table-scan", "stack-lognormal", "loop-noise", "jobs",
    ];

    /// <summary>Makes a trace.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="accesses">Its length.</param>
    /// <param name="seed">Of the random numbers.</param>
    public static Trace Make(string name, int accesses = 200_000, int seed = 1)
    {
        TraceWriter writer = new(seed);
        switch (name)
        {
            case "kv-cluster": KeyValueCluster(writer, accesses); break;
            case "sessions": Sessions(writer, accesses); break;
            case "cdn": ContentDelivery(writer, accesses); break;
            case "block-vm": VirtualDisk(writer, accesses); break;
            case "block-cloud": CloudVolumes(writer, accesses); break;
            case "search": Search(writer, accesses); break;
            case "photos": Photos(writer, accesses); break;
            case "wiki": Encyclopedia(writer, accesses); break;
            case "phases": Phases(writer, accesses); break;
            case "table-scan": TableScan(writer, accesses); break;
            case "stack-lognormal": StackLogNormal(writer, accesses); break;
            case "loop-noise": LoopWithNoise(writer, accesses); break;
            case "jobs": Jobs(writer, accesses); break;
            default: throw new ArgumentException($"There is no held-out trace '{name}'.", nameof(name));
        }
        return writer.Finish(name);
    }

    /// <summary>Strongly skewed, and every 2,000 accesses one in fifty keys gives its rank to a new one.</summary>
    private static void KeyValueCluster(TraceWriter w, int count)
    {
        const int Ranks = 20_000;
        ZipfSampler sampler = new(Ranks, 1.05, w.Random);
        int[] keyOf = [.. Enumerable.Range(0, Ranks)];
        int next = Ranks;
        for (int i = 0; i < count; i++)
        {
            if (i % 2_000 == 1_999)
            {
                for (int j = 0; j < Ranks / 50; j++)
                    keyOf[w.Random.Next(Ranks)] = next++;
            }
            w.Add(keyOf[sampler.NextRank()]);
        }
    }

    /// <summary>Users come, ask for their own few keys for a while, and go; a fifth of the load is what all share.</summary>
    private static void Sessions(TraceWriter w, int count)
    {
        const int AtOnce = 400;
        ZipfSampler shared = new(1_500, 0.9, w.Random);
        int[] session = [.. Enumerable.Range(0, AtOnce)];
        int next = AtOnce;
        for (int i = 0; i < count; i++)
        {
            if (w.Random.NextDouble() < 0.2)
            {
                w.Add(10_000_000 + shared.Next());
                continue;
            }
            int place = w.Random.Next(AtOnce);
            if (w.Random.NextDouble() < 1.0 / 40)
                session[place] = next++;
            w.Add(session[place] * 8 + w.Random.Next(8));
        }
    }

    /// <summary>Seven of ten keys are asked for once; the others by rank, and ranks move slowly.</summary>
    private static void ContentDelivery(TraceWriter w, int count)
    {
        const int Ranks = 12_000;
        ZipfSampler sampler = new(Ranks, 0.85, w.Random);
        int next = 1_000_000;
        for (int i = 0; i < count; i++)
            w.Add(w.Random.NextDouble() < 0.15 ? next++ : (sampler.NextRank() + i / 200) % Ranks);
    }

    /// <summary>Hot blocks, runs of neighbours from anywhere, and a region that is read through now and then.</summary>
    private static void VirtualDisk(TraceWriter w, int count)
    {
        const int Blocks = 50_000;
        ZipfSampler hot = new(3_000, 0.9, w.Random);
        for (int i = 0; i < count;)
        {
            double kind = w.Random.NextDouble();
            int first = w.Random.Next(Blocks);
            int run = 1;
            if (kind < 0.004)
                run = 16 + w.Random.Next(240);
            else if (kind < 0.0045)
                (first, run) = (60_000, 4_000);
            else
                first = 70_000 + hot.Next();
            for (int j = 0; j < run && i < count; j++, i++)
                w.Add(first + j);
        }
    }

    /// <summary>What is written is read again after a while, once or a few times; beside it a little that stays hot.</summary>
    private static void CloudVolumes(TraceWriter w, int count)
    {
        ZipfSampler hot = new(1_000, 1.0, w.Random);
        PriorityQueue<int, double> due = new();
        int next = 1_000_000;
        for (int i = 0; i < count; i++)
        {
            if (due.TryPeek(out int key, out double when) && when <= i)
            {
                due.Dequeue();
                w.Add(key);
                if (w.Random.NextDouble() < 0.5)
                    due.Enqueue(key, i + LogNormal(w.Random, 1_500, 1.5));
            }
            else if (w.Random.NextDouble() < 0.5)
            {
                due.Enqueue(next, i + LogNormal(w.Random, 1_500, 1.5));
                w.Add(next++);
            }
            else
                w.Add(hot.Next());
        }
    }

    /// <summary>A long tail of queries; a fifth of them is one of the last fifty again.</summary>
    private static void Search(TraceWriter w, int count)
    {
        ZipfSampler sampler = new(100_000, 0.85, w.Random);
        int[] last = new int[50];
        for (int i = 0; i < count; i++)
        {
            int key = i >= last.Length && w.Random.NextDouble() < 0.2 ? last[w.Random.Next(last.Length)] : sampler.Next();
            w.Add(last[i % last.Length] = key);
        }
    }

    /// <summary>Photos are uploaded all the time, most are asked for little and soon, a few much and for long; each has four sizes.</summary>
    private static void Photos(TraceWriter w, int count)
    {
        PriorityQueue<(int Photo, int Left, double Pace), double> due = new();
        int next = 0;
        for (int i = 0; i < count;)
        {
            if (due.TryPeek(out (int Photo, int Left, double Pace) photo, out double when) && when <= i)
            {
                due.Dequeue();
                w.Add(photo.Photo * 4 + (w.Random.NextDouble() < 0.7 ? 0 : w.Random.Next(1, 4)));
                i++;
                if (photo.Left > 0)
                    due.Enqueue((photo.Photo, photo.Left - 1, photo.Pace * 1.3), i + photo.Pace * -Math.Log(1 - w.Random.NextDouble()));
                continue;
            }
            // the number of views is a power law: most get a handful
            int views = (int)Math.Min(200, 2 * Math.Pow(1 - w.Random.NextDouble(), -1 / 1.1));
            due.Enqueue((next++, views, 4_000.0 / views), i);
        }
    }

    /// <summary>A popularity that stays, and pages in the news that rise at once and are forgotten.</summary>
    private static void Encyclopedia(TraceWriter w, int count)
    {
        ZipfSampler sampler = new(40_000, 0.95, w.Random);
        int[] news = [.. Enumerable.Range(0, 30).Select(_ => w.Random.Next(40_000))];
        for (int i = 0; i < count; i++)
        {
            if (i % 400 == 0)
                news[i / 400 % news.Length] = w.Random.Next(40_000);
            w.Add(w.Random.NextDouble() < 0.15 ? news[w.Random.Next(news.Length)] : sampler.Next());
        }
    }

    /// <summary>Popularity, a loop, recency, another popularity, and the first again.</summary>
    private static void Phases(TraceWriter w, int count)
    {
        ZipfSampler first = new(8_000, 0.9, w.Random);
        ZipfSampler second = new(8_000, 0.9, w.Random);
        RecencyStack stack = new(count);
        int next = 3_000_000;
        for (int i = 0; i < count; i++)
        {
            switch (i * 5L / count)
            {
                case 1: w.Add(1_000_000 + i % 3_000); break;
                case 2: w.Add(stack.Count == 0 || w.Random.NextDouble() < 0.1 ? stack.Push(next++) : stack.Touch((int)Math.Min(stack.Count - 1, LogNormal(w.Random, 200, 1.5)))); break;
                case 3: w.Add(2_000_000 + second.Next()); break;
                default: w.Add(first.Next()); break;
            }
        }
    }

    /// <summary>A table is read from its beginning to its end, over and over, beside look-ups by popularity.</summary>
    private static void TableScan(TraceWriter w, int count)
    {
        ZipfSampler sampler = new(10_000, 0.9, w.Random);
        int row = 0;
        for (int i = 0; i < count; i++)
            w.Add(w.Random.NextDouble() < 0.3 ? 1_000_000 + row++ % 15_000 : sampler.Next());
    }

    /// <summary>Depth in an LRU stack by a log-normal distribution: friendly to LRU, with a knee.</summary>
    private static void StackLogNormal(TraceWriter w, int count)
    {
        RecencyStack stack = new(count);
        int next = 0;
        for (int i = 0; i < count; i++)
            w.Add(stack.Count == 0 || w.Random.NextDouble() < 0.05 ? stack.Push(next++) : stack.Touch((int)Math.Min(stack.Count - 1, LogNormal(w.Random, 600, 1.2))));
    }

    /// <summary>A loop in which one in ten is left out each time, beside keys from anywhere.</summary>
    private static void LoopWithNoise(TraceWriter w, int count)
    {
        int place = 0;
        for (int i = 0; i < count; i++)
        {
            if (w.Random.NextDouble() < 0.1)
                place++;
            w.Add(w.Random.NextDouble() < 0.15 ? 1_000_000 + w.Random.Next(20_000) : place++ % 5_000);
        }
    }

    /// <summary>Jobs one after another, each asking evenly for its own 500 to 3,000 keys; one in three works on the keys of an earlier job.</summary>
    private static void Jobs(TraceWriter w, int count)
    {
        List<(int First, int Keys)> done = [];
        int next = 0;
        for (int i = 0; i < count;)
        {
            (int first, int keys) = (next, w.Random.Next(500, 3_001));
            if (done.Count > 0 && w.Random.NextDouble() < 1.0 / 3)
                (first, keys) = done[w.Random.Next(done.Count)];
            else
            {
                done.Add((first, keys));
                next += keys;
            }
            int length = w.Random.Next(4_000, 16_001);
            for (int j = 0; j < length && i < count; j++, i++)
                w.Add(first + w.Random.Next(keys));
        }
    }

    // Box and Muller
    private static double LogNormal(Random random, double median, double sigma)
    {
        double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return median * Math.Exp(sigma * normal);
    }
}
