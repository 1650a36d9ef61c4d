using MemStorage.Bench.CommandLine;

namespace MemStorage.Delivery.Tests.Bench;

/// <summary>The command line of bench/MemStorage.Bench: a mistake is told before anything runs, with the option, the value and what it takes.</summary>
public sealed class ArgumentsTests
{
    private static readonly Option[] s_options =
    [
        .. Arguments.Common, Arguments.SubjectsOption,
        new("threads", "1,2", "1", "", ValueRule.Wholes(1, 256)),
        new("rounds", "7", null, "", ValueRule.Whole(1, 1000)),
        new("zipf", "0.99", null, "", ValueRule.RealBelow(0, 1)),
        new("fraction", "0.5", null, "", ValueRule.RealsAbove(0, 1)),
        new("bound", "count", null, "", ValueRule.Words("count", "memory")),
    ];

    [Fact]
    public void Values_are_read_and_defaults_stand_in()
    {
        Arguments given = Parse("--threads", "1,4", "--rounds=1_000", "--fraction", "0.01, 1", "--bound", "count,memory", "--subjects", "lfu");
        Assert.Equal([1, 4], given.Numbers("threads"));
        Assert.Equal(1000, given.Number("rounds"));
        Assert.Equal([0.01, 1], given.Reals("fraction"));
        Assert.Equal(["count", "memory"], given.Words("bound"));
        Assert.Equal(0.99, given.Real("zipf"));
        Assert.True(given.Wants("BitFaster Lfu"));
        Assert.False(given.Wants("FASTER"));
        Assert.Equal([1], Parse("--quick").Numbers("threads"));
        Assert.True(Parse().Wants("anything"));
    }

    [Theory]
    [InlineData("--threads 0", "--threads: '0' is not a whole number from 1 to 256.")]
    [InlineData("--threads 1,x", "--threads: 'x' is not a whole number from 1 to 256.")]
    [InlineData("--threads 1,257", "--threads: '257' is not a whole number from 1 to 256.")]
    [InlineData("--threads ,", "--threads: there is no value; it takes a whole number from 1 to 256.")]
    [InlineData("--rounds 1,2", "--rounds: '1,2' is not a whole number from 1 to 1,000.")]
    [InlineData("--rounds 99999999999", "--rounds: '99999999999' is not a whole number from 1 to 1,000.")]
    [InlineData("--zipf 1", "--zipf: '1' is not a number from 0 to below 1.")]
    [InlineData("--zipf NaN", "--zipf: 'NaN' is not a number from 0 to below 1.")]
    [InlineData("--fraction 0", "--fraction: '0' is not a number above 0 to 1.")]
    [InlineData("--fraction 0.1,1.1", "--fraction: '1.1' is not a number above 0 to 1.")]
    [InlineData("--bound bytes", "--bound: 'bytes' is not count or memory.")]
    [InlineData("--rounds", "--rounds needs a value: a whole number from 1 to 1,000.")]
    [InlineData("--json --quick", "--json needs a value.")]
    [InlineData("--quick=yes", "--quick is a switch and takes no value.")]
    [InlineData("5", "'5' is not an option; options begin with --.")]
    [InlineData("--subjects nobody", "--subjects: no name contains 'nobody'; there are BitFaster Lfu; FASTER.")]
    [InlineData("--nonsense 1", "There is no option --nonsense here; there are --quick, --json, --subjects, --threads, --rounds, --zipf, --fraction, --bound.")]
    public void A_wrong_command_line_is_told_with_the_value_and_what_it_takes(string words, string message) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => Parse(words.Split(' '))).Message);

    private static Arguments Parse(params string[] words) => Arguments.Parse(words, s_options, ["BitFaster Lfu", "FASTER"]);
}
