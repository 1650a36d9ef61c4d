using MemStorage.Settings;
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
        { nameof(MemStoreOptions.MaxMemoryBytes), 1L << 40, ["65536", "549755813888"] },
        { nameof(MemStoreOptions.MaxMemoryBytes), (1L << 39) + 1, ["549755813888"] },
        { nameof(MemStoreOptions.MaxMemoryBytes), long.MaxValue, ["549755813888"] },
        { nameof(MemStoreOptions.MaxMemoryBytes), long.MinValue, ["65536"] },
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

    /// <summary>"1 TiB in MiB": a bound that no store keeps is a slip of the unit.</summary>
    [Theory]
    [InlineData(524_289)]
    [InlineData(1 << 20)]
    [InlineData(int.MaxValue)]
    public void A_bound_in_MiB_above_512_GiB_is_refused(int megabytes)
    {
        MemStoreOptionsException error = Assert.Throws<MemStoreOptionsException>(() => new MemStore(new MemStoreOptions { MaxMemoryMB = megabytes }));
        Assert.Equal($"MemStoreOptions.MaxMemoryMB = {megabytes} is out of range; allowed: 0 (the default) or 1 to 524288 MiB.", Assert.Single(error.Faults));
        Assert.Equal(nameof(MemStoreOptions.MaxMemoryMB), error.ParamName);
    }

    /// <summary>"All faults in one message", those included that are only faults together.</summary>
    [Fact]
    public void All_faults_come_in_one_exception()
    {
        MemStoreOptions options = new() { MaxMemoryMB = 8, SegmentBytes = 1_048_576, ShardCount = -1, EvictThreshold = 50, EvictTarget = 60, ChangeLogBytes = 3 << 20, NodeId = 70_000 };
        MemStoreOptionsException error = Assert.Throws<MemStoreOptionsException>(() => new MemStore(options));
        Assert.Equal(
            [
                "MemStoreOptions.ShardCount = -1 is out of range; allowed: 0 (automatic) to 4096.",
                "MemStoreOptions.NodeId = 70000 is out of range; allowed: 0 to 65535.",
                "MemStoreOptions.EvictTarget = 60 is out of range; allowed: 0 percent to EvictThreshold - 1, which is 49.",
                "MemStoreOptions.ChangeLogBytes = 3145728 is out of range; allowed: -1 (automatic), or 0 (none) to 2097152 bytes (a quarter of the bound).",
                "MemStoreOptions.SegmentBytes = 1048576 is out of range; allowed: 0 (automatic) or a power of two from 1024 to 524288 bytes (a sixteenth of the bound).",
            ],
            error.Faults);
        Assert.Equal(options.GetFaults(), error.Faults);
        Assert.All(error.Faults, fault => Assert.Contains(fault, error.Message, StringComparison.Ordinal));
    }

    /// <summary>What depends on an option that is wrong by itself adds no noise.</summary>
    [Fact]
    public void A_fault_brings_no_second_one_that_follows_from_it()
    {
        MemStoreOptions options = new() { MaxMemoryBytes = 1, SegmentBytes = 1_048_576, ChangeLogBytes = 1 << 20, EvictThreshold = 0 };
        Assert.Equal(["MaxMemoryBytes", "EvictThreshold"], options.GetFaults().Select(f => f.Split(['.', ' '])[1]));
    }

    /// <summary>"The smaller of 512 MiB and a quarter of the memory that the process can have".</summary>
    [Theory]
    [InlineData(160L << 20, 40)]
    [InlineData(192L << 20, 48)]
    [InlineData(2L << 30, 512)]
    [InlineData((2L << 30) - 1, 511)]
    [InlineData(64L << 30, 512)]
    [InlineData(1L << 20, 1)]
    [InlineData(0, 512)]
    public void The_default_bound_follows_the_memory_of_the_process(long available, int expected) => Assert.Equal(expected, AvailableMemory.DefaultFor(available));

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
