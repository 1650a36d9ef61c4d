using MemoryPack;

namespace MemStorage.Bench.Load;

/// <summary>What is stored everywhere: 126 bytes serialized.</summary>
[MemStorageEntity]
[MemoryPackable]
public partial class Order
{
    private static readonly DateTime Epoch = new(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc);

#pragma warning disable MST0005 // one object is stored under many keys, so that a benchmark of writes does not measure the allocation of orders
    [MemStorageKey]
    public int Id { get; set; }
#pragma warning restore MST0005

    public long CustomerId { get; set; }

    public DateTime CreatedAt { get; set; }

    public decimal Total { get; set; }

    public string Sku { get; set; } = "";

    public int Quantity { get; set; }

    public string Note { get; set; } = "";

    public static Order Create(int id, int salt = 0) => new()
    {
        Id = id,
        CustomerId = id * 7919L,
        CreatedAt = Epoch.AddSeconds(id),
        Total = id * 0.01m,
        Sku = $"SKU{id % 1_000_000_000:D9}",
        Quantity = 1 + id % 17 + salt,
        Note = $"note for order {id:D10} lorem ipsum dolor"[..40],
    };

    /// <summary>Another order with the texts of this one: what an application has in hand when it stores, for the price of one small object.</summary>
    public Order With(int id) => new() { Id = id, CustomerId = CustomerId, CreatedAt = CreatedAt, Total = Total, Sku = Sku, Quantity = Quantity, Note = Note };

    /// <summary>The key as a string, made once, so that no subject pays for making it.</summary>
    public static string KeyOf(int id) => $"order:{id}";

    public static string[] Keys(int count) => [.. Enumerable.Range(0, count).Select(KeyOf)];
}
