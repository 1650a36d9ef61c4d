using MemoryPack;
using MemStorage.Bench.Load;

namespace MemStorage.Bench.Subjects;

/// <summary>
/// No store: serialized orders one behind another in new arrays of 64 KiB, of which the last 2 GiB are kept. What a single write takes at the longest here, the machine takes (memory used for the
/// first time, and the time that a host takes from a virtual machine); no lock, no index and no collection of old objects is in it.
/// </summary>
internal sealed class FreshMemory : Subject
{
    public const string Title = "no store (arrays filled in turn)";

    private const int ArrayBytes = 64 << 10;

    private readonly byte[]?[] _full = new byte[(int)((2L << 30) / ArrayBytes)][];
    private int _at;
    private byte[] _open = GC.AllocateUninitializedArray<byte>(ArrayBytes, pinned: true);
    private int _length;

    public override string Name => Title;

    public override Abilities Abilities => 0;

    public override void Set(int id, string key, Order order)
    {
        ThreadBuffer buffer = ThreadBuffer.Empty();
        MemoryPackSerializer.Serialize(buffer, order);
        ReadOnlySpan<byte> bytes = buffer.Written;
        if (bytes.Length > ArrayBytes - _length)
        {
            _full[_at] = _open;
            _at = (_at + 1) % _full.Length;
            _open = GC.AllocateUninitializedArray<byte>(ArrayBytes, pinned: true);
            _length = 0;
        }
        bytes.CopyTo(_open.AsSpan(_length));
        _length += bytes.Length;
    }
}
