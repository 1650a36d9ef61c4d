using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using MemoryPack;
using MemStorage.Bench.Load;

namespace MemStorage.MicroBenchmarks;

/// <summary>One read each, entries in turn, everything in the caches of the processor.</summary>
[MemoryDiagnoser]
public class ReadBenchmarks
{
    private const int Entries = 2048;
    private readonly byte[] _destination = new byte[512];
    private readonly ConcurrentDictionary<string, byte[]> _dictionary = new(StringComparer.Ordinal);
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
        for (int id = 0; id < Entries; id++)
        {
            byte[] bytes = MemoryPackSerializer.Serialize(Order.Create(id));
            _dictionary[_keys[id]] = bytes;
            if (_store.Set(_keys[id], bytes) != SetResult.Stored || _orders.Set(Order.Create(id)) != SetResult.Stored)
                throw new InvalidOperationException($"Order {id} was not stored.");
        }
    }

    [GlobalCleanup]
    public void Cleanup() => _store.Dispose();

    [Benchmark(Baseline = true)]
    public int DictionaryCopy()
    {
        byte[] bytes = _dictionary[_keys[Next]];
        bytes.CopyTo(_destination, 0);
        return bytes.Length;
    }

    [Benchmark]
    public int StoreCopy() => _store.TryGet(_keys[Next], _destination, out int length, out _) ? length : -1;

    [Benchmark]
    public int StoreNoCopy() => _store.TryGetNoCopy(_keys[Next].AsSpan(), out NoCopyItem item) ? item.Value.Length : -1;

    [Benchmark]
    public Order? DictionaryTyped() => MemoryPackSerializer.Deserialize<Order>(_dictionary[_keys[Next]]);

    [Benchmark]
    public Order? RepositoryGet() => _orders.TryGet(Next, out Order? order) ? order : null;

    [Benchmark]
    public int RepositoryGetNoCopy() => _orders.TryGetNoCopy(Next, out Order? order) ? order.Quantity : -1;

    [Benchmark]
    public bool StoreMiss() => _store.TryGet("absent", _destination, out _, out _);
}
