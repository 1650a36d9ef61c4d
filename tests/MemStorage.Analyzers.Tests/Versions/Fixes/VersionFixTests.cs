using MemStorage.CodeFixes.Versions;
using Xunit;

namespace MemStorage.Analyzers.Tests.Versions.Fixes;

/// <summary>The fixes of MST2002, MST2004, MST2008 and MST2009.</summary>
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
