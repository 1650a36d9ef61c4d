using CsCheck;
using MemStorage.Versions;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>The two rules that decide which write wins.</summary>
public sealed class ConflictRuleTests
{
    private static readonly Gen<Write> GenWrite =
        Gen.Select(Gen.Long[1, 3], Gen.Int[0, 2], Gen.Bool, Gen.Int[0, 2], Gen.Byte[0, 2].Array[1, 2],
            (version, origin, tombstone, expiry, content) => new Write(version, origin, tombstone, tombstone ? 0 : expiry * 1000, tombstone ? [] : content));

    /// <summary>"Higher version wins; at equal versions the unexpired one wins; otherwise what is there stays."</summary>
    [Theory]
    [InlineData(1, false, 2, false, true)]
    [InlineData(1, false, 2, true, true)]
    [InlineData(2, true, 1, false, false)]
    [InlineData(2, false, 1, false, false)]
    [InlineData(2, true, 2, false, true)]
    [InlineData(2, true, 2, true, false)]
    [InlineData(2, false, 2, false, false)]
    [InlineData(2, false, 2, true, false)]
    public void Local_writes_follow_the_origins_three_rules(long current, bool currentExpired, long incoming, bool incomingExpired, bool replaces) =>
        Assert.Equal(replaces, ConflictRule.Replaces(current, currentExpired, incoming, incomingExpired));

    /// <summary>
    /// "Replicated writes break remaining ties by origin node and then by content": a total order, so that any two replicas agree. Of two writes that
    /// differ exactly one replaces the other, none replaces itself, and the order is transitive.
    /// </summary>
    [Fact]
    public void Replicated_writes_are_totally_ordered() =>
        Gen.Select(GenWrite, GenWrite, GenWrite).Sample((a, b, c) =>
        {
            Assert.False(Replaces(a, a));
            if (!a.Same(b))
                Assert.True(Replaces(a, b) ^ Replaces(b, a), $"{a} and {b} are not ordered.");
            if (Replaces(a, b) && Replaces(b, c))
                Assert.True(Replaces(a, c), $"{a}, {b}, {c}: not transitive.");
        }, iter: 20_000);

    /// <summary>"Replicas that have seen the same writes hold the same bytes, whatever the order."</summary>
    [Fact]
    public void Any_order_of_the_same_writes_has_the_same_winner() =>
        Gen.Select(GenWrite.Array[1, 8], Gen.Int).Sample((writes, seed) =>
        {
            Write[] shuffled = [.. writes, .. writes];
            new Random(seed).Shuffle(shuffled);
            Assert.True(Winner(writes).Same(Winner(shuffled)), $"{Winner(writes)} against {Winner(shuffled)}");
        }, iter: 5_000);

    /// <summary>
    /// The local rules never contradict the replicated order where both can meet: a deletion at the version of the value it deletes wins on every
    /// replica, wherever the value came from.
    /// </summary>
    [Fact]
    public void A_deletion_at_the_same_version_wins_everywhere() =>
        Gen.Select(GenWrite.Where(w => !w.Tombstone), Gen.Int[0, 2]).Sample((value, node) =>
        {
            Write deletion = new(value.Version, node, true, 0, []);
            Assert.True(Replaces(value, deletion));
            Assert.False(Replaces(deletion, value));
        }, iter: 1_000);

    /// <summary>"Never" is the latest expiry; the content decides before it.</summary>
    [Fact]
    public void At_equal_content_the_later_expiry_wins_and_never_is_the_latest()
    {
        Assert.True(Replaces(new(1, 0, false, 1000, [1]), new(1, 0, false, 2000, [1])));
        Assert.True(Replaces(new(1, 0, false, 1000, [1]), new(1, 0, false, 0, [1])));
        Assert.False(Replaces(new(1, 0, false, 0, [1]), new(1, 0, false, long.MaxValue, [1])));
        Assert.True(Replaces(new(1, 0, false, 0, [1]), new(1, 0, false, 1000, [2])));
    }

    private static Write Winner(Write[] writes)
    {
        Write winner = writes[0];
        foreach (Write write in writes)
        {
            if (Replaces(winner, write))
                winner = write;
        }
        return winner;
    }

    private static bool Replaces(Write current, Write incoming) => ConflictRule.ReplacesRemote(current.Side, incoming.Side);

    private sealed record Write(long Version, int Origin, bool Tombstone, long ExpireAt, byte[] Content)
    {
        public ConflictRule.Side Side => new() { Version = Version, Origin = Origin, Tombstone = Tombstone, ExpireAt = ExpireAt, Content = Content };

        public bool Same(Write other) => (Version, Origin, Tombstone, ExpireAt) == (other.Version, other.Origin, other.Tombstone, other.ExpireAt) && Content.SequenceEqual(other.Content);

        public override string ToString() => $"(version {Version}, origin {Origin}, {(Tombstone ? "deleted" : Convert.ToHexString(Content))}, until {ExpireAt})";
    }
}
