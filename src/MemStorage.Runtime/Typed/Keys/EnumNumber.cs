using System.Runtime.CompilerServices;

namespace MemStorage.Typed;

/// <summary>The number behind an enum value, without boxing: zero-extended, so that a negative one is a large number. Distinct values have distinct numbers.</summary>
internal static class EnumNumber
{
    public static ulong Of<TEnum>(TEnum value)
        where TEnum : struct, Enum => Unsafe.SizeOf<TEnum>() switch
        {
            1 => Unsafe.BitCast<TEnum, byte>(value),
            2 => Unsafe.BitCast<TEnum, ushort>(value),
            4 => Unsafe.BitCast<TEnum, uint>(value),
            _ => Unsafe.BitCast<TEnum, ulong>(value),
        };

    public static bool TryFrom<TEnum>(ulong number, out TEnum value)
        where TEnum : struct, Enum
    {
        value = Unsafe.SizeOf<TEnum>() switch
        {
            1 => Unsafe.BitCast<byte, TEnum>((byte)number),
            2 => Unsafe.BitCast<ushort, TEnum>((ushort)number),
            4 => Unsafe.BitCast<uint, TEnum>((uint)number),
            _ => Unsafe.BitCast<ulong, TEnum>(number),
        };
        return Of(value) == number;
    }
}
