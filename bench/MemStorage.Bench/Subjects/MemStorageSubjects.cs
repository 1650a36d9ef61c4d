using MemoryPack;
using MemStorage.Bench.Load;

namespace MemStorage.Bench.Subjects;

/// <summary>The store with string keys and bytes.</summary>
internal sealed class MemStorageBytes(MemStoreOptions options) : Subject
{
    private const int MostBytes = 512;

    public MemStore Store { get; } = new(options);

    public override string Name => "MemStorage bytes";

    public override Abilities Abilities => Abilities.Copy | Abilities.Typed | Abilities.NoCopy | Abilities.Evicts | Abilities.Batch;

    public override int Copy(int id, string key, Span<byte> destination) => Store.TryGet(key, destination, out int length, out _) ? length : -1;

    [System.Runtime.CompilerServices.SkipLocalsInit]
    public override Order? Typed(int id, string key)
    {
        Span<byte> bytes = stackalloc byte[MostBytes];
        return Store.TryGet(key, bytes, out int length, out _) ? MemoryPackSerializer.Deserialize<Order>(bytes[..length]) : null;
    }

    public override int NoCopy(int id, string key) => Store.TryGetNoCopy(key.AsSpan(), out NoCopyItem item) ? item.Value.Span[0] + item.Value.Length : -1;

    [System.Runtime.CompilerServices.SkipLocalsInit]
    public override long Together(ReadOnlySpan<int> ids, ReadOnlySpan<string> keys)
    {
        Span<byte> bytes = stackalloc byte[64 * MostBytes];
        Span<Range> ranges = stackalloc Range[64];
        Span<ItemInfo> infos = stackalloc ItemInfo[64];
        if (Store.BatchGet(keys, bytes, ranges, infos) != keys.Length)
            throw new InvalidOperationException("The buffer of a batch is too short.");
        return ranges[keys.Length - 1].End.Value;
    }

    [System.Runtime.CompilerServices.SkipLocalsInit]
    public override long OneByOne(ReadOnlySpan<int> ids, ReadOnlySpan<string> keys)
    {
        Span<byte> bytes = stackalloc byte[64 * MostBytes];
        int used = 0;
        foreach (string key in keys)
            used += Store.TryGet(key, bytes[used..], out int length, out _) ? length : 0;
        return used;
    }

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

    public override Abilities Abilities => Abilities.Typed | Abilities.Shared | Abilities.Evicts | Abilities.Batch;

    public override Order? Typed(int id, string key) => _orders.TryGet(id, out Order? order) ? order : null;

    public override long Together(ReadOnlySpan<int> ids, ReadOnlySpan<string> keys)
    {
        long sum = 0;
        foreach (Order order in _orders.GetMany(ids))
            sum += order.Quantity;
        return sum;
    }

    public override long OneByOne(ReadOnlySpan<int> ids, ReadOnlySpan<string> keys)
    {
        long sum = 0;
        List<Order> found = new(ids.Length);
        foreach (int id in ids)
        {
            if (_orders.TryGet(id, out Order? order))
                found.Add(order);
        }
        foreach (Order order in found)
            sum += order.Quantity;
        return sum;
    }

    public override Order? Shared(int id, string key) => _orders.TryGetNoCopy(id, out Order? order) ? order : null;

    public override void Set(int id, string key, Order order)
    {
        // the repository takes the key from the entity
        if (_orders.Set(order) != SetResult.Stored)
            throw new InvalidOperationException($"Order {order.Id} was not stored.");
    }

    public override void Dispose() => Store.Dispose();
}
