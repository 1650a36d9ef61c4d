// The same things as in WrongUse, done right: not one diagnostic.
using MemoryPack;
using MemStorage;

namespace Consumer;

[MemStorageEntity]
[MemoryPackable]
public sealed partial class Order
{
    [MemStorageKey]
    public required int Id { get; init; }

    [MemStorageVersion]
    public long Version { get; set; }

    public decimal Total { get; set; }

    public List<string> Lines { get; set; } = [];
}

public static class Orders
{
    public static void AddLine(OrderRepository orders, int id, string line)
    {
        if (orders.Update(id, order => order.Lines.Add(line)) is not UpdateResult.Updated)
            throw new InvalidOperationException($"order {id} is gone");
    }

    public static decimal Total(OrderRepository orders, int id) => orders.GetNoCopy(id).Total;

    public static void Discount(OrderRepository orders, int id)
    {
        Order mine = orders.Get(id);
        mine.Total *= 0.9m;
        if (orders.TryUpdate(mine) is not UpdateResult.Updated)
            throw new InvalidOperationException($"order {id} was changed by somebody else");
    }

    public static bool Remove(MemStore store, int id, long version) => store.Orders().Delete(id, version) is DeleteResult.Deleted;
}
