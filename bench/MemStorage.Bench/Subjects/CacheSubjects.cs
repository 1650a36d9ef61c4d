using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using BitFaster.Caching.Scheduler;
using MemStorage.Bench.Load;
using Microsoft.Extensions.Caching.Memory;

namespace MemStorage.Bench.Subjects;

/// <summary>Microsoft.Extensions.Caching.Memory with a size limit, one unit per entry.</summary>
internal sealed class MemoryCacheSubject(long capacity) : Subject
{
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = capacity });

    public override string Name => "MemoryCache";

    public override Abilities Abilities => Abilities.Typed | Abilities.Shared | Abilities.Evicts | Abilities.KeepsObjects;

    public override string Remark => "gives the stored object itself";

    public override Order? Typed(int id, string key) => _cache.TryGetValue(key, out object? order) ? (Order?)order : null;

    public override Order? Shared(int id, string key) => Typed(id, key);

    public override void Set(int id, string key, Order order) => _cache.Set(key, order, new MemoryCacheEntryOptions { Size = 1 });

    public override void Dispose() => _cache.Dispose();
}

/// <summary>BitFaster.Caching ConcurrentLru.</summary>
internal sealed class BitFasterLru(int capacity) : Subject
{
    private readonly ConcurrentLru<string, Order> _cache = new(Environment.ProcessorCount, capacity, StringComparer.Ordinal);

    public override string Name => "BitFaster ConcurrentLru";

    public override Abilities Abilities => Abilities.Typed | Abilities.Shared | Abilities.Evicts | Abilities.KeepsObjects;

    public override string Remark => "gives the stored object itself";

    public override Order? Typed(int id, string key) => _cache.TryGet(key, out Order? order) ? order : null;

    public override Order? Shared(int id, string key) => Typed(id, key);

    public override void Set(int id, string key, Order order) => _cache.AddOrUpdate(key, order);
}

/// <summary>BitFaster.Caching ConcurrentLfu with its background scheduler.</summary>
internal sealed class BitFasterLfu(int capacity) : Subject
{
    private readonly ConcurrentLfu<string, Order> _cache = new(Environment.ProcessorCount, capacity, new BackgroundThreadScheduler(), StringComparer.Ordinal);

    public override string Name => "BitFaster ConcurrentLfu";

    public override Abilities Abilities => Abilities.Typed | Abilities.Shared | Abilities.Evicts | Abilities.KeepsObjects;

    public override string Remark => "gives the stored object itself";

    public override Order? Typed(int id, string key) => _cache.TryGet(key, out Order? order) ? order : null;

    public override Order? Shared(int id, string key) => Typed(id, key);

    public override void Set(int id, string key, Order order) => _cache.AddOrUpdate(key, order);

    public override void Dispose() => (_cache.Scheduler as IDisposable)?.Dispose();
}
