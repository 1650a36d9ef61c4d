using System.Buffers.Binary;

namespace MemStorage.Typed;

/// <summary>
/// What a record of a version-tolerant entity says about its shape, so that a reader of another shape knows whether it understands it:
/// <code>
/// 0       2                        2 + 6 * count
/// +-------+-------+------+------+ - - +
/// | count | place | name | type |     |      hashes of 16 bits, little endian; the first slot is the key's
/// +-------+-------+------+------+ - - +
/// </code>
/// Orders are few, so a search from the front is fast enough; it happens only where two releases meet.
/// </summary>
internal static class ShapeSlots
{
    private const int CountLength = sizeof(ushort);
    private const int SlotLength = 3 * sizeof(ushort);

    /// <summary>The slots as a record carries them; nothing for none.</summary>
    public static byte[] Write(ReadOnlySpan<ulong> slots)
    {
        if (slots.IsEmpty)
            return [];
        byte[] bytes = new byte[CountLength + slots.Length * SlotLength];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)slots.Length);
        Span<byte> rest = bytes.AsSpan(CountLength);
        foreach (ulong slot in slots)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(rest, (ushort)(slot >> 32));
            BinaryPrimitives.WriteUInt16LittleEndian(rest[2..], (ushort)(slot >> 16));
            BinaryPrimitives.WriteUInt16LittleEndian(rest[4..], (ushort)slot);
            rest = rest[SlotLength..];
        }
        return bytes;
    }

    /// <summary>Whether a record agrees with the own slots: in the key, in the type at each place that both have, in the place of each name that both have.</summary>
    /// <param name="own">The own slots, as <see cref="Write"/> gave them.</param>
    /// <param name="stored">The record after its header.</param>
    /// <param name="length">How many bytes the record's slots take.</param>
    public static bool Agree(ReadOnlySpan<byte> own, ReadOnlySpan<byte> stored, out int length)
    {
        length = 0;
        if (own.IsEmpty)
            return true;
        if (!BinaryPrimitives.TryReadUInt16LittleEndian(stored, out ushort count))
            return false;
        length = CountLength + count * SlotLength;
        if (count == 0 || stored.Length < length)
            return false;
        int known = BinaryPrimitives.ReadUInt16LittleEndian(own);
        if (Slot.At(own, 0) != Slot.At(stored, 0))
            return false;
        for (int i = 1; i < count; i++)
        {
            Slot theirs = Slot.At(stored, i);
            for (int j = 1; j < known; j++)
            {
                Slot mine = Slot.At(own, j);
                bool samePlace = mine.Place == theirs.Place;
                if (samePlace ? mine.Type != theirs.Type : mine.Name == theirs.Name)
                    return false;
            }
        }
        return true;
    }

    private readonly record struct Slot(ushort Place, ushort Name, ushort Type)
    {
        public static Slot At(ReadOnlySpan<byte> slots, int index)
        {
            ReadOnlySpan<byte> slot = slots.Slice(CountLength + index * SlotLength, SlotLength);
            return new Slot(BinaryPrimitives.ReadUInt16LittleEndian(slot), BinaryPrimitives.ReadUInt16LittleEndian(slot[2..]), BinaryPrimitives.ReadUInt16LittleEndian(slot[4..]));
        }
    }
}
