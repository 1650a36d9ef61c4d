// Deliberately wrong: the comments say which diagnostic each line gets; .ci/run compares them with what the compiler says.
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
    public static void ChangesWhatIsShared(OrderRepository orders)
    {
        Order shared = orders.GetNoCopy(1);
        shared.Total = 0; // expect: MST1001
        shared.Lines.Add("one more"); // expect: MST1001
        List<string> alias = shared.Lines;
        alias.Clear(); // expect: MST1001
    }

    public static void DropsWhatHappened(OrderRepository orders, MemStore store)
    {
        orders.Set(new Order { Id = 1 }); // expect: MST2001
        orders.Delete(1); // expect: MST2001
        store.Set("key", new StoredItem([1])); // expect: MST2001
    }

    public static decimal ReadsOnly(OrderRepository orders)
    {
        Order shared = orders.GetNoCopy(1);
        decimal total = shared.Total;
        total += shared.Lines.Count;
        return total;
    }
}
