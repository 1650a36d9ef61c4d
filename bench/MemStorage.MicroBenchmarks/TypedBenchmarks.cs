using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using MemoryPack;
using MemStorage.Bench.Load;

namespace MemStorage.MicroBenchmarks;

/// <summary>
/// What the typed layer costs over code that a careful person writes by hand for one entity: the key formatted on the stack, the entity serialized into a
/// buffer that is used again, the store called with spans, no allocation but the entity. The column Ratio is the answer: 1.00 is no cost at all.
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class TypedBenchmarks
{
    private const int Entries = 2048;
    private const int MostKeyBytes = 32;
    private const int MostBytes = 512;

    private readonly ArrayBufferWriter<byte> _buffer = new(MostBytes);
    private readonly Order _order = Order.Create(1);
    private MemStore _bytes = null!;
    private MemStore _typed = null!;
    private OrderRepository _orders = null!;
    private int _next;

    private int Next => _next = (_next + 1) & (Entries - 1);

    // two stores with the same content, so that neither is fuller than the other
    [GlobalSetup]
    public void Setup()
    {
        _bytes = new MemStore(new MemStoreOptions { MaxMemoryMB = 64, CompressionEnabled = false });
        _typed = new MemStore(new MemStoreOptions { MaxMemoryMB = 64, CompressionEnabled = false });
        _orders = new OrderRepository(_typed);
        for (int id = 0; id < Entries; id++)
        {
            if (HandWrittenSet(id) != SetResult.Stored || RepositorySet(id) != SetResult.Stored)
                throw new InvalidOperationException($"Order {id} was not stored.");
        }
        // a read of what is not there is cheap
        for (int i = 0; i < Entries; i++)
        {
            if (HandWrittenGet()?.Id != _next || RepositoryGet()?.Id != _next)
                throw new InvalidOperationException("An order is not found.");
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _bytes.Dispose();
        _typed.Dispose();
    }

    [Benchmark(Baseline = true), BenchmarkCategory("get")]
    [SkipLocalsInit]
    public Order? HandWrittenGet()
    {
        Span<byte> key = stackalloc byte[MostKeyBytes];
        Span<byte> value = stackalloc byte[MostBytes];
        return _bytes.TryGet(key[..WriteKey(key, Next)], value, out int length, out _) ? MemoryPackSerializer.Deserialize<Order>(value[..length]) : null;
    }

    [Benchmark, BenchmarkCategory("get")]
    public Order? RepositoryGet() => _orders.TryGet(Next, out Order? order) ? order : null;

    [Benchmark(Baseline = true), BenchmarkCategory("set")]
    public SetResult HandWrittenSet() => HandWrittenSet(Next);

    [Benchmark, BenchmarkCategory("set")]
    public SetResult RepositorySet() => RepositorySet(Next);

    [SkipLocalsInit]
    private SetResult HandWrittenSet(int id)
    {
        _order.Id = id;
        Span<byte> key = stackalloc byte[MostKeyBytes];
        _buffer.ResetWrittenCount();
        MemoryPackSerializer.Serialize(_buffer, _order);
        return _bytes.Set(key[..WriteKey(key, _order.Id)], _buffer.WrittenSpan);
    }

    private SetResult RepositorySet(int id)
    {
        _order.Id = id;
        return _orders.Set(_order);
    }

    private static int WriteKey(Span<byte> key, int id)
    {
        "order:"u8.CopyTo(key);
        _ = Utf8Formatter.TryFormat(id, key["order:"u8.Length..], out int written);
        return "order:"u8.Length + written;
    }
}
