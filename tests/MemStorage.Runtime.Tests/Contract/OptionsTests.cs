using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>
/// "Options are copied and validated once, a bad one is an <c>ArgumentException</c> naming the property and the allowed range", and the value.
/// </summary>
public sealed class OptionsTests : StoreTest
{
    public static TheoryData<string, object, string[]> OutOfRange => new()
    {
        { nameof(MemStoreOptions.MaxMemoryBytes), 65_535L, ["65536"] },
        { nameof(MemStoreOptions.MaxMemoryBytes), -1L, ["65536"] },
        { nameof(MemStoreOptions.ShardCount), -1, ["0", "4096"] },
        { nameof(MemStoreOptions.ShardCount), 4_097, ["0", "4096"] },
        { nameof(MemStoreOptions.SegmentBytes), 1_023, ["1024", "1048576"] },
        { nameof(MemStoreOptions.SegmentBytes), 512, ["1024", "1048576"] },
        { nameof(MemStoreOptions.SegmentBytes), 3_000, ["power of two"] },
        { nameof(MemStoreOptions.SegmentBytes), 2_097_152, ["1024", "1048576"] },
        { nameof(MemStoreOptions.SegmentBytes), -4096, ["1024", "1048576"] },
        { nameof(MemStoreOptions.SegmentBytes), 524_288, ["262144"] },
        { nameof(MemStoreOptions.CompressionThreshold), 0, ["1"] },
        { nameof(MemStoreOptions.CompressionThreshold), -64, ["1"] },
        { nameof(MemStoreOptions.EvictionMode), (EvictionMode)7, ["Evict", "Refuse"] },
        { nameof(MemStoreOptions.EvictThreshold), 0, ["1", "100"] },
        { nameof(MemStoreOptions.EvictThreshold), 101, ["1", "100"] },
        { nameof(MemStoreOptions.EvictTarget), -1, ["0", "89"] },
        { nameof(MemStoreOptions.EvictTarget), 90, ["0", "89"] },
        { nameof(MemStoreOptions.EvictBatchSize), 0, ["1", "1000000"] },
        { nameof(MemStoreOptions.EvictBatchSize), 1_000_001, ["1", "1000000"] },
        { nameof(MemStoreOptions.TombstoneRetention), TimeSpan.FromTicks(-1), ["30"] },
        { nameof(MemStoreOptions.TombstoneRetention), TimeSpan.FromDays(30) + TimeSpan.FromTicks(1), ["30"] },
        { nameof(MemStoreOptions.MaxClockDrift), TimeSpan.Zero, ["1"] },
        { nameof(MemStoreOptions.MaxClockDrift), TimeSpan.FromDays(1) + TimeSpan.FromTicks(1), ["1"] },
        { nameof(MemStoreOptions.ExpirySweepInterval), TimeSpan.FromTicks(-1), ["1"] },
        { nameof(MemStoreOptions.ExpirySweepInterval), TimeSpan.FromDays(2), ["1"] },
        { nameof(MemStoreOptions.ChangeLogBytes), -2L, ["-1"] },
        { nameof(MemStoreOptions.ChangeLogBytes), (4L << 20), ["1048576"] },
        { nameof(MemStoreOptions.NodeId), -1, ["0", "65535"] },
        { nameof(MemStoreOptions.NodeId), 65_536, ["0", "65535"] },
    };

    [Theory]
    [MemberData(nameof(OutOfRange), DisableDiscoveryEnumeration = true)]
    public void A_value_out_of_range_names_property_value_and_range(string property, object value, string[] range)
    {
        MemStoreOptions options = Options();
        typeof(MemStoreOptions).GetProperty(property)!.SetValue(options, value);
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => new MemStore(options));
        // however the numbers are grouped
        string message = error.Message.Replace(",", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        Assert.Contains(property, message, StringComparison.Ordinal);
        Assert.Contains(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!, message, StringComparison.Ordinal);
        Assert.All(range, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Fact]
    public void Null_texts_and_clocks_are_refused()
    {
        Assert.Throws<ArgumentNullException>(() => new MemStore(null!));
        Assert.Contains(nameof(MemStoreOptions.Name), Assert.ThrowsAny<ArgumentException>(() => new MemStore(Options(o => o.Name = null!))).Message, StringComparison.Ordinal);
        Assert.Contains(nameof(MemStoreOptions.TimeProvider), Assert.ThrowsAny<ArgumentException>(() => new MemStore(Options(o => o.TimeProvider = null!))).Message, StringComparison.Ordinal);
    }

    /// <summary>Both ends of each range are allowed.</summary>
    [Fact]
    public void The_ends_of_the_ranges_work()
    {
        Action<MemStoreOptions>[] allowed =
        [
            o => o.MaxMemoryBytes = 65_536,
            o => o.ShardCount = 0,
            o => o.ShardCount = 4096,
            o => o.SegmentBytes = 0,
            o => o.SegmentBytes = 1024,
            o => (o.SegmentBytes, o.MaxMemoryBytes) = (1 << 20, 16 << 20),
            o => o.CompressionThreshold = 1,
            o => o.CompressionThreshold = int.MaxValue,
            o => o.EvictionMode = EvictionMode.Refuse,
            o => (o.EvictThreshold, o.EvictTarget) = (1, 0),
            o => (o.EvictThreshold, o.EvictTarget) = (100, 99),
            o => o.EvictBatchSize = 1,
            o => o.EvictBatchSize = 1_000_000,
            o => o.TombstoneRetention = TimeSpan.Zero,
            o => o.TombstoneRetention = TimeSpan.FromDays(30),
            o => o.MaxClockDrift = TimeSpan.FromMilliseconds(1),
            o => o.MaxClockDrift = TimeSpan.FromDays(1),
            o => o.ExpirySweepInterval = TimeSpan.FromDays(1),
            o => o.ChangeLogBytes = 0,
            o => o.ChangeLogBytes = 1 << 20,
            o => o.NodeId = 65_535,
        ];
        foreach (Action<MemStoreOptions> configure in allowed)
        {
            MemStore store = Open(configure);
            store.Put("k", "value");
            Assert.Equal("value", store.Text("k"));
        }
    }

    /// <summary>"<c>Config.MaxMemoryMB</c>: total memory; zero or negative: a conservative default"; here 512.</summary>
    [Theory]
    [InlineData(0, 512L << 20)]
    [InlineData(-3, 512L << 20)]
    [InlineData(7, 7L << 20)]
    public void MaxMemoryMB_zero_or_negative_means_the_default(int megabytes, long expected)
    {
        MemStore store = Open(o => (o.MaxMemoryMB, o.MaxMemoryBytes) = (megabytes, 0));
        Assert.Equal(expected, store.GetMemoryReport().LimitBytes);
    }

    /// <summary>"<c>DefaultConfig()</c>: LZ4, a conservative limit for long-running use", with the origin's numbers.</summary>
    [Fact]
    public void The_defaults_are_the_origins()
    {
        MemStoreOptions options = MemStoreOptions.Default;
        Assert.True(options.CompressionEnabled);
        Assert.Equal(64, options.CompressionThreshold);
        Assert.Equal(512, options.MaxMemoryMB);
        Assert.Equal(90, options.EvictThreshold);
        Assert.Equal(80, options.EvictTarget);
        Assert.Equal(10, options.EvictBatchSize);
        Assert.True(options.AsyncEviction);
        Assert.Equal(0, options.ShardCount);
        Assert.NotSame(MemStoreOptions.Default, MemStoreOptions.Default);
    }

    /// <summary>
    /// "<c>Config.ShardCount</c> ... rounded up to a power of two; never so many that open segments eat the bound": the smallest bound with the most
    /// shards still keeps entries.
    /// </summary>
    [Fact]
    public void Many_shards_in_a_small_bound_leave_room_for_entries()
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes) = (65_536, 4096, 0));
        for (int i = 0; i < 50; i++)
            store.Put($"key-{i}", $"value-{i}");
        Assert.Equal(50, store.Keys().Count());
    }
}
