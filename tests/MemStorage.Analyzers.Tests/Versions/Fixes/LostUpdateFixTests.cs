using MemStorage.CodeFixes.Versions;
using Xunit;

namespace MemStorage.Analyzers.Tests.Versions.Fixes;

/// <summary>MST2002: read, change, write becomes <c>Update</c>.</summary>
public sealed class LostUpdateFixTests
{
    [Fact]
    public Task Read_change_write_becomes_Update() => FixHarness.BodyAsync<LostUpdateCodeFix>(
        """
        // a rise
        var o = orders.Get(id);
        o.Total += 1;
        {|MST2002:orders.SetOrThrow(o)|}; // done
        if (flag)
        {
            var p = orders.Get(id + 1);
            p.Done = true;
            p.Lines.Clear();
            if ({|MST2002:orders.Set(p)|} is not SetResult.Stored)
                return;
        }
        """,
        """
        // a rise
        if (orders.Update(id, o => o.Total += 1) is not UpdateResult.Updated)
        {
            throw new InvalidOperationException("The entry is gone, or too large.");
        } // done
        if (flag)
        {
            if (orders.Update(id + 1, p =>
            {
                p.Done = true;
                p.Lines.Clear();
            }) is not UpdateResult.Updated)
                return;
        }
        """);

    [Fact]
    public Task Comments_between_the_changes_stay() => FixHarness.BodyAsync<LostUpdateCodeFix>(
        """
        var o = orders.Get(id); // read
        // twice
        o.Total *= 2;
        // write
        {|MST2002:orders.SetOrThrow(o)|};
        """,
        """
        if (orders.Update(id, o =>
        { // read
          // twice
            o.Total *= 2;
            // write
        }) is not UpdateResult.Updated)
        {
            throw new InvalidOperationException("The entry is gone, or too large.");
        }
        """);

    [Theory]
    [InlineData("var o = orders.Get(id); o.Total += 1; Console.WriteLine(o.Total); {|MST2002:orders.SetOrThrow(o)|};")]
    [InlineData("var o = orders.Get(id); o.Total += 1; {|MST2002:orders.SetOrThrow(o)|}; Console.WriteLine(o.Total);")]
    [InlineData("var o = orders.Get(id); o.Total = await Task.FromResult(1); {|MST2002:orders.SetOrThrow(o)|};")]
    [InlineData("int n = 0; var o = orders.Get(id); o.Total = n++; {|MST2002:orders.SetOrThrow(o)|};")]
    [InlineData("var o = orders.Get(id); if (flag) o.Total = 1; {|MST2002:orders.SetOrThrow(o)|};")]
    [InlineData("var o = orders.GetOrCreate(id, k => new Order { Id = k }); o.Total = 1; {|MST2002:orders.SetOrThrow(o)|};")]
    [InlineData("var o = orders.Get(id); o.Total = 1; if ({|MST2002:orders.Set(o, TimeSpan.FromMinutes(1))|} is not SetResult.Stored) return;")]
    [InlineData("var o = invoices.Get(id); o = o with { Amount = 1 }; {|MST2002:invoices.SetOrThrow(o)|};")]
    public Task Not_offered_where_more_happens_than_changes(string body) => FixHarness.NotOfferedAsync<LostUpdateCodeFix>(body);
}
