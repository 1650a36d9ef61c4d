using MemoryPack;
using MemStorage.Bench.Load;

namespace MemStorage.Bench.Subjects;

/// <summary>The store with string keys and bytes.</summary>
internal sealed class MemStorageBytes(MemStoreOptions options) : Subject
{
    private const int MostBytes = 512;

    public MemStore Store { get; } = new(options);

    public override string Name => "MemStorage bytes";

    public override Abilities Abilities => Abilities.Copy | Abilities.Typed | Abilities.NoCopy | Abilities.Evicts;

    public override int Copy(int id, string key, Span<byte> destination) => Store.TryGet(key, destination, out int length, out _) ? length : -1;

    [System.Runtime.CompilerServices.SkipLocalsInit]
    public override Order? Typed(int id, string key)
    {
        Span<byte> bytes = stackalloc byte[MostBytes];
        return Store.TryGet(key, bytes, out int length, out _) ? MemoryPackSerializer.Deserialize<Order>(bytes[..length]) : null;
    }

    public override int NoCopy(int id, string key) => Store.TryGetNoCopy(key.AsSpan(), out NoCopyItem item) ? item.Value.Span[0] + item.Value.Length : -1;

    public override void Set(int id, string key, Order order)
    {
        ThreadBuffer buffer = ThreadBuffer.Empty();
        MemoryPackSerializer.Serialize(buffer, order);
        if (Store.Set(key, buffer.Written) != SetResult.Stored)
            throw new InvalidOperationException($"'{key}' was not stored.");
    }

    public override void Dispose() => Store.Dispose();
}

/// <summary>The generated repository.</summary>
internal sealed class MemStorageRepositorySubject(MemStoreOptions options) : Subject
{
    private readonly OrderRepository _orders = new(new MemStore(options));

    public MemStore Store => _orders.Store;

    public override string Name => "MemStorage repository";

    public override Abilities Abilities => Abilities.Typed | Abilities.Shared | Abilities.Evicts;

    public override Order? Typed(int id, string key) => _orders.TryGet(id, out Order? order) ? order : null;

    public override Order? Shared(int id, string key) => _orders.TryGetNoCopy(id, out Order? order) ? order : null;

    public override void Set(int id, string key, Order order)
    {
        // the repository takes the key from the entity
        if (_orders.Set(order) != SetResult.Stored)
            throw new InvalidOperationException($"Order {order.Id} was not stored.");
    }

    public override void Dispose() => Store.Dispose();
}
