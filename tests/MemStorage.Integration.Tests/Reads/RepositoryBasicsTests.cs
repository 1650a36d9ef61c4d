using MemStorage.Integration.Tests.Entities;

namespace MemStorage.Integration.Tests;

public sealed class RepositoryBasicsTests
{
    [Fact]
    public void A_fresh_object_comes_back_with_the_version_that_was_stored()
    {
        using MemStore store = new();
        OrderRepository orders = store.Orders();
        Order order = new() { Id = 42, Customer = "ada", Total = 9.99m, Lines = [new("tea", 2)] };

        Assert.Equal(SetResult.Stored, orders.Set(order, out long version));

        Assert.Equal(version, order.Version);
        Order read = orders.Get(42);
        Assert.NotSame(order, read);
        Assert.Equal((42, "ada", 9.99m, version), (read.Id, read.Customer, read.Total, read.Version));
        Assert.Equal(order.Lines, read.Lines);
    }
}
