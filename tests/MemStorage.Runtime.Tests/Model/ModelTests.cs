using CsCheck;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Model;

/// <summary>
/// Random histories against the model: sets with stamped, newer, equal and older versions, deletions, compare-and-set, touches, replicated writes, reads with and without
/// a copy, time, sweeps, drains, clears. On failure CsCheck prints the shortest history it found and its seed.
/// </summary>
public sealed class ModelTests
{
    private static readonly Gen<HistoryConfiguration> GenRoomy =
        Gen.Select(OneOf(1024, 2048, 4096), OneOf(1, 2, 4), Gen.Bool, OneOf(0, 1), OneOf(0, 1))
            .Select(t => new HistoryConfiguration(t.Item1, t.Item2, t.Item3, t.Item4, 4 << 20, Evicts: false, t.Item5));

    private static readonly Gen<HistoryConfiguration> GenTight =
        Gen.Select(OneOf(1024, 2048), OneOf(1, 2), Gen.Bool, OneOf(0, 1), OneOf(64, 80, 128), OneOf(0, 1))
            .Select(t => new HistoryConfiguration(t.Item1, t.Item2, t.Item3, t.Item4, t.Item5 << 10, Evicts: true, t.Item6));

    private static Gen<int> OneOf(params int[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    /// <summary>In a bound that is never reached the store is exactly the dictionary.</summary>
    [Fact]
    public void With_room_the_store_equals_the_dictionary() =>
        Gen.Select(GenRoomy, Histories.Of(keys: 12, largest: 6000, most: 200))
            .Sample(HistoryRunner.Run, iter: Effort.Histories(2000));

    /// <summary>Few keys, values of two sizes: most writes overwrite in place or in the same segment.</summary>
    [Fact]
    public void Overwriting_a_few_keys_equals_the_dictionary() =>
        Gen.Select(GenRoomy, Histories.Of(keys: 3, largest: 60, most: 400))
            .Sample(HistoryRunner.Run, iter: Effort.Histories(700));

    /// <summary>In a bound that evicts: whatever is present is the newest value, and nothing comes back.</summary>
    [Fact]
    public void Under_pressure_what_is_present_is_the_newest() =>
        Gen.Select(GenTight, Histories.Of(keys: 150, largest: 3000, most: 900))
            .Sample(HistoryRunner.Run, iter: Effort.Histories(300));

    /// <summary>The same with large values, which have segments of their own and push everything else aside.</summary>
    [Fact]
    public void Under_pressure_of_large_values_what_is_present_is_the_newest() =>
        Gen.Select(GenTight, Histories.Of(keys: 40, largest: 30_000, most: 300))
            .Sample(HistoryRunner.Run, iter: Effort.Histories(400));
}
