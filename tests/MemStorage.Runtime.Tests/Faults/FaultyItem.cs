using MemoryPack;
using MemStorage.Typed;

namespace MemStorage.Tests.Faults;

/// <summary>An entity with an index, whose serializer fails on demand.</summary>
[MemoryPackable]
internal sealed partial class FaultyItem
{
    public int Id { get; set; }

    public string Group { get; set; } = "";

    public byte[] Body { get; set; } = [];

    [MemoryPackIgnore]
    public long Version { get; set; }

    [MemoryPackIgnore]
    public FaultInjector? Faults { get; set; }

    [MemoryPackOnSerializing]
    private void OnSerializing() => Faults?.Foreign("serializer");
}

internal readonly struct FaultyItemTraits : IEntityTraits<int, FaultyItem>
{
    public static EntityDescriptor Descriptor { get; } = new("FaultyItem")
    {
        Fingerprint = 1,
        HasVersion = true,
        SharedInstances = 16,
        Indexes = [new IndexDescriptor("Group", Ordered: true)],
    };

    public static int GetKey(in FaultyItem entity) => entity.Id;

    public static void WriteKey(ref KeyWriter writer, int key) => writer.Write(key);

    public static bool TryReadKey(ref KeyReader reader, out int key) => reader.TryRead(out key);

    public static long GetVersion(in FaultyItem entity) => entity.Version;

    public static void SetVersion(ref FaultyItem entity, long version) => entity.Version = version;

    public static void WriteIndexKey(int index, ref IndexKeyWriter writer, in FaultyItem entity)
    {
        entity.Faults?.Foreign("index key");
        writer.Write(entity.Group);
    }
}

internal sealed class FaultyItems(MemStore store) : MemStorageRepository<int, FaultyItem, FaultyItemTraits>(store)
{
    public IEnumerable<FaultyItem> FindByGroup(string group) => FindByIndex(0, group, static (ref IndexKeyWriter writer, string value) => writer.Write(value));
}

internal readonly struct OtherItemTraits : IEntityTraits<int, FaultyItem>
{
    public static EntityDescriptor Descriptor { get; } = new(OtherItems.Name) { Fingerprint = 2, HasVersion = true, Indexes = [new IndexDescriptor("Group", Ordered: true)] };

    public static int GetKey(in FaultyItem entity) => entity.Id;

    public static void WriteKey(ref KeyWriter writer, int key) => writer.Write(key);

    public static bool TryReadKey(ref KeyReader reader, out int key) => reader.TryRead(out key);

    public static void WriteIndexKey(int index, ref IndexKeyWriter writer, in FaultyItem entity) => writer.Write(entity.Group);
}

/// <summary>Another entity, whose repository is made late.</summary>
internal sealed class OtherItems(MemStore store) : MemStorageRepository<int, FaultyItem, OtherItemTraits>(store)
{
    public const string Name = "Another";
}
