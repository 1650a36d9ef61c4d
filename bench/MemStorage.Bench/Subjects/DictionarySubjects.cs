using System.Collections.Concurrent;
using MemoryPack;
using MemStorage.Bench.Load;

namespace MemStorage.Bench.Subjects;

/// <summary>A dictionary of serialized orders: no bound, no versions, no expiry.</summary>
internal sealed class DictionaryOfBytes : Subject
{
    private readonly ConcurrentDictionary<string, byte[]> _entries = new(StringComparer.Ordinal);

    public override string Name => "ConcurrentDictionary<byte[]>";

    public override Abilities Abilities => Abilities.Copy | Abilities.Typed | Abilities.NoCopy;

    public override int Copy(int id, string key, Span<byte> destination)
    {
        if (!_entries.TryGetValue(key, out byte[]? bytes))
            return -1;
        bytes.CopyTo(destination);
        return bytes.Length;
    }

    public override Order? Typed(int id, string key) => _entries.TryGetValue(key, out byte[]? bytes) ? MemoryPackSerializer.Deserialize<Order>(bytes) : null;

    public override int NoCopy(int id, string key) => _entries.TryGetValue(key, out byte[]? bytes) ? bytes[0] + bytes.Length : -1;

    public override void Set(int id, string key, Order order) => _entries[key] = MemoryPackSerializer.Serialize(order);
}

/// <summary>A dictionary of objects: the ceiling, since it neither serializes, copies, bounds nor protects.</summary>
internal sealed class DictionaryOfObjects : Subject
{
    private readonly ConcurrentDictionary<string, Order> _entries = new(StringComparer.Ordinal);

    public override string Name => "ConcurrentDictionary<Order>";

    public override Abilities Abilities => Abilities.Typed | Abilities.Shared | Abilities.KeepsObjects;

    public override string Remark => "gives the stored object itself";

    public override Order? Typed(int id, string key) => _entries.GetValueOrDefault(key);

    public override Order? Shared(int id, string key) => _entries.GetValueOrDefault(key);

    public override void Set(int id, string key, Order order) => _entries[key] = order;
}
