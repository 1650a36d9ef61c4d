using MemStorage.CodeFixes.Versions;
using Xunit;

namespace MemStorage.Analyzers.Tests.Versions.Fixes;

/// <summary>The fixes of MST2002, MST2003, MST2004, MST2005, MST2008 and MST2009.</summary>
public sealed class VersionFixTests
{
    private static Task Fix(string before, string after) => FixHarness.BodyAsync<VersionCodeFix>(before, after);

    [Fact]
    public Task A_lost_update_becomes_a_compare_and_set() => Fix(
        """
        var o = orders.Get(id);
        o.Total += 1;
        if ({|MST2002:orders.Set(o)|} is not SetResult.Stored) // lost
            return;
        var p = orders.Get(id);
        p.Total += 1;
        {|MST2002:orders.SetOrThrow(p)|};
        """,
        """
        var o = orders.Get(id);
        o.Total += 1;
        if (orders.TryUpdate(o) is not UpdateResult.Updated) // lost
            return;
        var p = orders.Get(id);
        p.Total += 1;
        if (orders.TryUpdate(p) is not UpdateResult.Updated)
        {
            throw new InvalidOperationException("Another write came in between.");
        }
        """);

    [Fact]
    public Task The_version_of_another_key_becomes_the_one_that_was_read() => Fix(
        """
        var a = orders.Get(1);
        var b = orders.Get(2);
        a.Total = 3;
        if (orders.TryUpdate(a, /* why */ {|MST2003:b.Version|}, out _) is not UpdateResult.Updated)
            return;
        var c = orders.Get(id);
        if (orders.Delete(id, {|MST2003:5|}) is not DeleteResult.Deleted) // gone
            return;
        """,
        """
        var a = orders.Get(1);
        var b = orders.Get(2);
        a.Total = 3;
        if (orders.TryUpdate(a, /* why */ a.Version, out _) is not UpdateResult.Updated)
            return;
        var c = orders.Get(id);
        if (orders.Delete(id, c.Version) is not DeleteResult.Deleted) // gone
            return;
        """);

    [Fact]
    public Task No_variable_holds_the_version_that_was_meant() => FixHarness.NotOfferedAsync<VersionCodeFix>(
        "var a = orders.Get(1); if (orders.Delete(2, {|MST2003:a.Version|}) is not DeleteResult.Deleted) return;");

    [Fact]
    public Task A_used_version_becomes_the_new_one() => Fix(
        """
        if (orders.TryUpdate(order, version, out _) is not UpdateResult.Updated)
            return;
        if (orders.TryUpdate(order, /* a */ {|MST2005:version|}, out _) is not UpdateResult.Updated) // b
            return;
        """,
        """
        if (orders.TryUpdate(order, version, out long newVersion) is not UpdateResult.Updated)
            return;
        if (orders.TryUpdate(order, /* a */ newVersion, out _) is not UpdateResult.Updated) // b
            return;
        """);

    [Fact]
    public Task A_used_version_becomes_the_variable_of_the_write() => Fix(
        """
        if (orders.TryUpdate(order, version, out long next) is UpdateResult.Updated)
        {
            if (orders.Delete(order.Id, {|MST2005:version|}) is DeleteResult.Deleted)
                Console.WriteLine(next);
        }
        """,
        """
        if (orders.TryUpdate(order, version, out long next) is UpdateResult.Updated)
        {
            if (orders.Delete(order.Id, next) is DeleteResult.Deleted)
                Console.WriteLine(next);
        }
        """);

    [Theory]
    [InlineData("if (flag && orders.TryUpdate(order, version, out _) is UpdateResult.Updated) { if (orders.Delete(order.Id, {|MST2005:version|}) is DeleteResult.Deleted) return; }")]
    [InlineData("if (orders.Set(order, version) is SetResult.Stored) { if (orders.Delete(order.Id, {|MST2005:version|}) is DeleteResult.Deleted) return; }")]
    public Task No_new_version_is_at_hand(string body) => FixHarness.NotOfferedAsync<VersionCodeFix>(body);

    [Fact]
    public Task A_delete_gets_the_version_that_was_read() => Fix(
        """
        var o = orders.Get(id);
        if (o.Done && {|MST2004:orders.Delete(id)|} is DeleteResult.Deleted)
            return;
        foreach (var next in orders.All())
        {
            if (next.Done && {|MST2004:orders.Delete(next.Id)|} is DeleteResult.Deleted)
                return;
        }
        """,
        """
        var o = orders.Get(id);
        if (o.Done && orders.Delete(id, o.Version) is DeleteResult.Deleted)
            return;
        foreach (var next in orders.All())
        {
            if (next.Done && orders.Delete(next.Id, next.Version) is DeleteResult.Deleted)
                return;
        }
        """);

    [Fact]
    public Task No_variable_holds_what_was_read() => FixHarness.NotOfferedAsync<VersionCodeFix>(
        "if (orders.Get(id).Done && {|MST2004:orders.Delete(id)|} is DeleteResult.Deleted) return;");

    [Fact]
    public Task A_clock_becomes_the_clock_of_the_store() => Fix(
        """
        store.DeleteOrThrow(key, {|MST2008:DateTime.UtcNow.Ticks|});
        if (orders.Set(order, /* why */ {|MST2008:Environment.TickCount64|}) is not SetResult.Stored)
            return;
        var item = new StoredItem(new byte[1], {|MST2008:DateTime.UtcNow.Ticks|});
        """,
        """
        store.DeleteOrThrow(key, store.Clock.Next());
        if (orders.Set(order, /* why */ orders.Store.Clock.Next()) is not SetResult.Stored)
            return;
        var item = new StoredItem(new byte[1], store.Clock.Next());
        """);

    [Fact]
    public Task A_comparison_with_a_clock_has_no_fix() => FixHarness.NotOfferedAsync<VersionCodeFix>(
        "if (order.Version < {|MST2008:DateTime.UtcNow.Ticks|}) return;");

    [Fact]
    public Task An_assigned_version_is_removed() => Fix(
        """
        order.Total = 1;
        {|MST2009:order.Version = 5|};
        // this one too
        {|MST2009:order.Version++|};
        order.Total = 2;
        """,
        """
        order.Total = 1;
        // this one too
        order.Total = 2;
        """);

    [Theory]
    [InlineData("{|MST2009:order.Version = Next()|}; static long Next() => 1;")] // the call would not happen
    [InlineData("if (flag) {|MST2009:order.Version = 5|};")] // no statement would be left
    [InlineData("Console.WriteLine({|MST2009:order.Version = 5|});")]
    public Task Not_removed_where_more_would_change(string body) => FixHarness.NotOfferedAsync<VersionCodeFix>(body);
}
