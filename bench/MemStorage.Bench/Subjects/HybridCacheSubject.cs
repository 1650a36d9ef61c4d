using System.Buffers;
using MemoryPack;
using MemStorage.Bench.Load;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace MemStorage.Bench.Subjects;

/// <summary>Microsoft.Extensions.Caching.Hybrid without a second level. The order is mutable, so each read deserializes.</summary>
internal sealed class HybridCacheSubject : Subject
{
    private static readonly HybridCacheEntryOptions Options = new() { Expiration = TimeSpan.FromHours(1), LocalCacheExpiration = TimeSpan.FromHours(1) };

    private readonly ServiceProvider _services;
    private readonly HybridCache _cache;

    public HybridCacheSubject()
    {
        ServiceCollection services = new();
        services.AddHybridCache(o => o.DefaultEntryOptions = Options).AddSerializer<Order, Serializer>();
        _services = services.BuildServiceProvider();
        _cache = _services.GetRequiredService<HybridCache>();
    }

    public override string Name => "HybridCache";

    public override Abilities Abilities => Abilities.Typed;

    public override Order? Typed(int id, string key)
    {
        ValueTask<Order?> read = _cache.GetOrCreateAsync<int, Order?>(key, 0, static (_, _) => new ValueTask<Order?>((Order?)null));
        return read.IsCompletedSuccessfully ? read.Result : read.AsTask().GetAwaiter().GetResult();
    }

    public override void Set(int id, string key, Order order)
    {
        ValueTask write = _cache.SetAsync(key, order);
        if (!write.IsCompletedSuccessfully)
            write.AsTask().GetAwaiter().GetResult();
    }

    public override void Dispose() => _services.Dispose();

    private sealed class Serializer : IHybridCacheSerializer<Order>
    {
        public Order Deserialize(ReadOnlySequence<byte> source) => MemoryPackSerializer.Deserialize<Order>(source)!;

        public void Serialize(Order value, IBufferWriter<byte> target) => MemoryPackSerializer.Serialize(target, value);
    }
}
