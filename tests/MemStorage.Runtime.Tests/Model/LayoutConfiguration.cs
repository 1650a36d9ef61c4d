namespace MemStorage.Tests.Model;

/// <summary>How long the values of a layout script are, beside a segment of the store.</summary>
internal enum Lengths
{
    /// <summary>All of one length.</summary>
    One,

    /// <summary>Of 50 to 2,000 bytes, as far as they fit into shared segments: overwrites grow and shrink.</summary>
    Changing,

    /// <summary>Nine of ten small, one of ten nearly as large as goes into a shared segment.</summary>
    TwoKinds,

    /// <summary>On both sides of the border from which on a value has an array of its own.</summary>
    AcrossTheBorder,

    /// <summary>Nine of ten small, one of ten of up to two segments.</summary>
    SmallAndLarge,
}

/// <summary>One store and one load of the layout model.</summary>
internal readonly record struct LayoutConfiguration(
    int SegmentBytes, int Shards, int SegmentsPerShard, Lengths Lengths, bool Compression, int BatchSize, int LivePercent, bool Holds, EvictionMode Mode)
{
    private static readonly (int Segment, int Shards)[] s_layouts =
        [(1, 1), (1, 4), (1, 16), (1, 64), (2, 2), (4, 1), (4, 8), (16, 1), (16, 4), (16, 16), (64, 1), (64, 4), (256, 1), (256, 2), (1024, 1)];

    public long Limit => (long)SegmentBytes * Shards * SegmentsPerShard;

    /// <summary>Draws a configuration: every layout has its turn, the rest follows from the seed.</summary>
    public static LayoutConfiguration Draw(int seed, EvictionMode mode)
    {
        var random = new Random(seed);
        (int segment, int shards) = s_layouts[seed % s_layouts.Length];
        return new LayoutConfiguration(
            segment << 10,
            shards,
            Math.Max(random.Next(16, 64), (64 << 10) / (segment << 10) / shards),
            (Lengths)random.Next(5),
            random.Next(2) == 0,
            random.Next(3) switch { 0 => 1, 1 => 10, _ => 100 },
            random.Next(40, 100),
            random.Next(4) == 0,
            mode);
    }

    /// <summary>A length for a value that is written now.</summary>
    public int Draw(Random random)
    {
        int border = (SegmentBytes / 4) - 64;
        return Math.Max(24, Lengths switch
        {
            Lengths.One => Math.Min(border, 100 + (SegmentBytes % 900)),
            Lengths.Changing => random.Next(Math.Min(50, border / 2), Math.Min(2000, border)),
            Lengths.TwoKinds => random.Next(10) == 0 ? random.Next(border / 2, border) : random.Next(24, Math.Max(25, Math.Min(400, border / 4))),
            Lengths.AcrossTheBorder => random.Next(border / 2, border * 2),
            _ => random.Next(10) == 0 ? (int)Math.Min(random.Next(border, SegmentBytes * 2), Limit / 16) : random.Next(24, Math.Max(25, Math.Min(400, border / 4))),
        });
    }
}
