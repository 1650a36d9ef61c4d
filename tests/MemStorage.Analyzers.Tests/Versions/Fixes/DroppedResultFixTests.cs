using MemStorage.CodeFixes.Versions;
using Xunit;

namespace MemStorage.Analyzers.Tests.Versions.Fixes;

/// <summary>The two fixes of MST2001.</summary>
public sealed class DroppedResultFixTests
{
    private static Task Check(string before, string after) => FixHarness.BodyAsync<DroppedResultCodeFix>(before, after, DroppedResultCodeFix.CheckKey);

    private static Task Throw(string before, string after) => FixHarness.BodyAsync<DroppedResultCodeFix>(before, after, DroppedResultCodeFix.ThrowKey);

    [Fact]
    public Task A_statement_is_checked_and_its_comments_stay() => Check(
        """
        // keep this
        {|MST2001:orders.Set(order)|}; // and this
        Console.WriteLine();
        """,
        """
        // keep this
        if (orders.Set(order) is not SetResult.Stored)
        {
            throw new InvalidOperationException("The write was refused.");
        } // and this
        Console.WriteLine();
        """);

    [Fact]
    public Task Several_of_them_by_fix_all() => Check(
        """
        {|MST2001:orders.Set(order)|};
        _ = {|MST2001:orders.Update(id, o => o.Total += 1)|};
        {|MST2001:orders.Delete(id, version)|};
        """,
        """
        if (orders.Set(order) is not SetResult.Stored)
        {
            throw new InvalidOperationException("The write was refused.");
        }
        if (orders.Update(id, o => o.Total += 1) is not UpdateResult.Updated)
        {
            throw new InvalidOperationException("The write was refused.");
        }
        if (orders.Delete(id, version) is DeleteResult.VersionMismatch)
        {
            throw new InvalidOperationException("The write was refused.");
        }
        """);

    [Fact]
    public Task An_awaited_call_is_checked() => Check(
        "await {|MST2001:gateway.SaveAsync(order)|}.ConfigureAwait(false);",
        """
        if (await gateway.SaveAsync(order).ConfigureAwait(false) is not SetResult.Stored)
        {
            throw new InvalidOperationException("The write was refused.");
        }
        """);

    [Fact]
    public Task A_conditional_access_that_did_not_happen_is_not_a_refusal() => Check(
        "store?{|MST2001:.Set(key, new StoredItem([]))|};",
        """
        if (store?.Set(key, new StoredItem([])) is not (null or SetResult.Stored))
        {
            throw new InvalidOperationException("The write was refused.");
        }
        """);

    [Fact]
    public Task The_body_of_an_if_does_not_catch_its_else() => Check(
        """
        if (flag)
            {|MST2001:orders.Set(order)|};
        else
            Console.WriteLine();
        """,
        """
        if (flag)
        {
            if (orders.Set(order) is not SetResult.Stored)
            {
                throw new InvalidOperationException("The write was refused.");
            }
        }
        else
            Console.WriteLine();
        """);

    [Fact]
    public Task A_local_is_looked_at() => Check(
        """
        var result = {|MST2001:orders.Set(order)|};
        Console.WriteLine();
        """,
        """
        var result = orders.Set(order);
        if (result is not SetResult.Stored)
        {
            throw new InvalidOperationException("The write was refused.");
        }
        Console.WriteLine();
        """);

    [Fact]
    public Task A_lambda_gets_a_block() => Check(
        "list.ForEach(o => {|MST2001:orders.Set(o)|});",
        """
        list.ForEach(o =>
        {
            if (orders.Set(o) is not SetResult.Stored)
            {
                throw new InvalidOperationException("The write was refused.");
            }
        });
        """);

    [Fact]
    public Task An_expression_body_gets_a_block() => FixHarness.MembersAsync<DroppedResultCodeFix>(
        "    void Save(Order order) => {|MST2001:orders.Set(order)|};",
        """
            void Save(Order order)
            {
                if (orders.Set(order) is not SetResult.Stored)
                {
                    throw new InvalidOperationException("The write was refused.");
                }
            }
        """,
        DroppedResultCodeFix.CheckKey);

    [Fact]
    public Task The_throwing_variant_by_fix_all() => Throw(
        """
        // keep this
        {|MST2001:orders.Set(order)|}; // and this
        _ = {|MST2001:store.Set(key, new StoredItem([]))|};
        {|MST2001:store.Delete(key, version)|};
        var unused = {|MST2001:orders.Set(second)|};
        store?{|MST2001:.Set(key, new StoredItem([]))|};
        list.ForEach(o => {|MST2001:orders.Set(o)|});
        for (int i = 0; i < 3; {|MST2001:orders.Set(list[i])|}, i++)
            Console.WriteLine();
        """,
        """
        // keep this
        orders.SetOrThrow(order); // and this
        store.SetOrThrow(key, new StoredItem([]));
        store.DeleteOrThrow(key, version);
        orders.SetOrThrow(second);
        store?.SetOrThrow(key, new StoredItem([]));
        list.ForEach(o => orders.SetOrThrow(o));
        for (int i = 0; i < 3; orders.SetOrThrow(list[i]), i++)
            Console.WriteLine();
        """);

    [Theory]
    [InlineData("{|MST2001:orders.Set(order, version)|};")] // no such overload
    [InlineData("{|MST2001:orders.Update(id, o => o.Total += 1)|};")] // no UpdateOrThrow
    [InlineData("await {|MST2001:gateway.SaveAsync(order)|};")]
    [InlineData("SetResult r; r = {|MST2001:orders.Set(order)|}; r = SetResult.Stored; Console.WriteLine(r);")] // r would be unassigned
    public Task The_throwing_variant_is_not_offered_where_it_would_not_compile(string body) =>
        FixHarness.NotOfferedAsync<DroppedResultCodeFix>(body, DroppedResultCodeFix.ThrowKey);

    [Theory]
    [InlineData("{|MST2001:gateway.Publish(order)|};")] // what is a success?
    [InlineData("{|MST2001:gateway.SaveAsync(order)|};")] // the task is not awaited
    [InlineData("bool ok = {|MST2001:orders.Set(order)|} is SetResult.Stored;")]
    [InlineData("for (int i = 0; i < 3; {|MST2001:orders.Set(list[i])|}, i++) Console.WriteLine();")]
    public Task The_check_is_not_offered_where_it_would_not_compile(string body) =>
        FixHarness.NotOfferedAsync<DroppedResultCodeFix>(body, DroppedResultCodeFix.CheckKey);
}
