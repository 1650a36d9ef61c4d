using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using FASTER.core;
using MemoryPack;
using MemStorage.Bench.Load;

namespace MemStorage.Bench.Subjects;

using Session = ClientSession<SpanByte, SpanByte, SpanByte, SpanByteAndMemory, Empty, SpanByteFunctions<Empty>>;

/// <summary>Microsoft.FASTER.Core with SpanByte keys and values, all in memory, one session per thread.</summary>
internal sealed unsafe class FasterSubject : Subject
{
    private const int MostKeyBytes = 256;
    private const int MostBytes = 512;
    private const int MemoryPerEntry = 256;

    private readonly FasterKV<SpanByte, SpanByte> _store;
    private readonly ThreadLocal<Session> _session;

    public FasterSubject(int entries)
        : this(Math.Max(1L << 28, (long)BitOperations.RoundUpToPowerOf2((uint)entries) * MemoryPerEntry), entries)
    {
    }

    public FasterSubject(long memoryBytes, int entries)
    {
        FasterKVSettings<SpanByte, SpanByte> settings = new(null)
        {
            IndexSize = Math.Max(1L << 16, (long)BitOperations.RoundUpToPowerOf2((uint)entries) * 16),
            MemorySize = memoryBytes,
            PageSize = 1 << 22,
            LogDevice = new NullDevice(),
            ObjectLogDevice = new NullDevice(),
            MutableFraction = 0.9,
        };
        _store = new FasterKV<SpanByte, SpanByte>(settings);
        _session = new ThreadLocal<Session>(() => _store.For(new SpanByteFunctions<Empty>()).NewSession<SpanByteFunctions<Empty>>(), trackAllValues: true);
    }

    public override string Name => "FASTER";

    public override Abilities Abilities => Abilities.Copy | Abilities.Typed;

    [SkipLocalsInit]
    public override int Copy(int id, string key, Span<byte> destination)
    {
        byte* keyBytes = stackalloc byte[MostKeyBytes];
        SpanByte spanKey = SpanByte.FromPointer(keyBytes, Encoding.UTF8.GetBytes(key, new Span<byte>(keyBytes, MostKeyBytes)));
        fixed (byte* target = destination)
        {
            SpanByteAndMemory output = new(target, destination.Length);
            SpanByte input = default;
            Status status = _session.Value!.Read(ref spanKey, ref input, ref output, Empty.Default, 0);
            if (!status.Found)
                return -1;
            return output.IsSpanByte ? output.Length : throw new InvalidOperationException("The value is larger than the buffer.");
        }
    }

    [SkipLocalsInit]
    public override Order? Typed(int id, string key)
    {
        Span<byte> bytes = stackalloc byte[MostBytes];
        int length = Copy(id, key, bytes);
        return length < 0 ? null : MemoryPackSerializer.Deserialize<Order>(bytes[..length]);
    }

    [SkipLocalsInit]
    public override void Set(int id, string key, Order order)
    {
        ThreadBuffer buffer = ThreadBuffer.Empty();
        MemoryPackSerializer.Serialize(buffer, order);
        byte* keyBytes = stackalloc byte[MostKeyBytes];
        SpanByte spanKey = SpanByte.FromPointer(keyBytes, Encoding.UTF8.GetBytes(key, new Span<byte>(keyBytes, MostKeyBytes)));
        fixed (byte* bytes = buffer.Written)
        {
            SpanByte value = SpanByte.FromPointer(bytes, buffer.Written.Length);
            _session.Value!.Upsert(ref spanKey, ref value, Empty.Default, 0);
        }
    }

    public override void Dispose()
    {
        foreach (Session session in _session.Values)
            session.Dispose();
        _session.Dispose();
        _store.Dispose();
    }
}
