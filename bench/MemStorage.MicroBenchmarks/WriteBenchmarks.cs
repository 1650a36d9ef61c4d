using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using MemoryPack;
using MemStorage.Bench.Load;

namespace MemStorage.MicroBenchmarks;

/// <summary>One write each, over the entry that is there.</summary>
[MemoryDiagnoser]
public class WriteBenchmarks
{
    private const int Entries = 2048;
    private readonly ConcurrentDictionary<string, byte[]> _dictionary = new(StringComparer.Ordinal);
    private readonly byte[] _bytes = MemoryPackSerializer.Serialize(Order.Create(1));
    private readonly Order _order = Order.Create(1);
    private MemStore _store = null!;
    private OrderRepository _orders = null!;
    private string[] _keys = [];
    private int _next;

    private int Next => _next = (_next + 1) & (Entries - 1);

    [GlobalSetup]
    public void Setup()
    {
        _store = new MemStore(new MemStoreOptions { MaxMemoryMB = 64, CompressionEnabled = false });
        _orders = new OrderRepository(_store);
        _keys = Order.Keys(Entries);
    }

    [GlobalCleanup]
    public void Cleanup() => _store.Dispose();

    [Benchmark(Baseline = true)]
    public void DictionarySet() => _dictionary[_keys[Next]] = MemoryPackSerializer.Serialize(_order);

    [Benchmark]
    public SetResult StoreSet() => _store.Set(_keys[Next], _bytes);

    [Benchmark]
    public SetResult RepositorySet()
    {
        _order.Id = Next;
        return _orders.Set(_order);
    }

    [Benchmark]
    public DeleteResult SetAndDelete()
    {
        string key = _keys[Next];
        _ = _store.Set(key, _bytes);
        return _store.Delete(key);
    }
}
