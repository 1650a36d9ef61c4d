// Deliberately wrong entities: the comments say which diagnostic each line gets; .ci/run compares them with what the compiler says.
using MemoryPack;
using MemStorage;

namespace Consumer;

[MemStorageEntity]
public sealed class NotPackable // expect: MST0001
{
    [MemStorageKey]
    public required int Id { get; init; }
}

[MemStorageEntity]
[MemoryPackable]
public sealed partial class WithoutKey // expect: MST0002
{
    public required int Id { get; init; }
}

[MemStorageEntity]
[MemoryPackable]
public sealed partial class TwoKeys
{
    [MemStorageKey] // expect: MST0003
    public required int First { get; init; }

    [MemStorageKey] // expect: MST0003
    public required int Second { get; init; }
}

[MemStorageEntity]
[MemoryPackable]
public sealed partial class FloatKey
{
    [MemStorageKey]
    public required double Id { get; init; } // expect: MST0004
}

[MemStorageEntity]
[MemoryPackable]
public sealed partial class IntVersion
{
    [MemStorageKey]
    public required int Id { get; init; }

    [MemStorageVersion]
    public int Version { get; set; } // expect: MST0006
}

[MemStorageEntity]
[MemoryPackable]
public sealed partial class GetterOnly
{
    [MemStorageKey]
    public System.Guid Id { get; } = System.Guid.NewGuid(); // expect: MST0015
}

[MemStorageEntity]
[MemoryPackable]
public sealed partial class Objects
{
    [MemStorageKey]
    public required int Id { get; init; }

    public System.Collections.Generic.Dictionary<string, object>? Values { get; set; } // expect: MST0023
}
