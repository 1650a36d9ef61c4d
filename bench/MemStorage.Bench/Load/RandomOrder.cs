namespace MemStorage.Bench.Load;

/// <summary>Which entry is asked for next, drawn beforehand.</summary>
internal sealed class RandomOrder
{
    private readonly int[] _entries;

    private RandomOrder(int[] entries) => _entries = entries;

    public int this[int position] => _entries[position & (_entries.Length - 1)];

    public static RandomOrder Uniform(int entries, int seed = 7)
    {
        Random random = new(seed);
        int[] drawn = new int[1 << 20];
        for (int i = 0; i < drawn.Length; i++)
            drawn[i] = random.Next(entries);
        return new RandomOrder(drawn);
    }

    /// <summary>Zipf-distributed (YCSB's method), popular entries scattered over the key range.</summary>
    public static RandomOrder Zipf(int entries, double theta, int seed = 3)
    {
        double zeta = 0;
        for (int i = 1; i <= entries; i++)
            zeta += Math.Pow(i, -theta);
        double second = 1 + Math.Pow(0.5, theta);
        double alpha = 1 / (1 - theta);
        double eta = (1 - Math.Pow(2.0 / entries, 1 - theta)) / (1 - second / zeta);
        int[] scattered = [.. Enumerable.Range(0, entries)];
        new Random(42).Shuffle(scattered);
        Random random = new(seed);
        int[] drawn = new int[1 << 22];
        for (int i = 0; i < drawn.Length; i++)
        {
            double u = random.NextDouble();
            double rank = u * zeta;
            int index = rank < 1 ? 0 : rank < second ? 1 : (int)(entries * Math.Pow(eta * u - eta + 1, alpha));
            drawn[i] = scattered[Math.Min(index, entries - 1)];
        }
        return new RandomOrder(drawn);
    }
}
