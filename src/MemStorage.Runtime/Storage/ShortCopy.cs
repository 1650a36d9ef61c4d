using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MemStorage.Storage;

/// <summary>
/// Copies bytes that are most often few. The general copy is a call, which looks at overlap, alignment and length before it begins; for the values that most entries have it takes
/// longer than the copying (docs/design-decisions.md).
/// </summary>
internal static class ShortCopy
{
    /// <summary>From here on the call is no longer what it costs.</summary>
    private const uint Longest = 256;

    private static uint Step => (uint)Vector256<byte>.Count;

    /// <summary>Copies <paramref name="length"/> bytes between places that do not overlap and have them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(ref byte from, ref byte to, uint length)
    {
        if (!Vector256.IsHardwareAccelerated || length - Step > Longest - Step)
        {
            MemoryMarshal.CreateReadOnlySpan(ref from, (int)length).CopyTo(MemoryMarshal.CreateSpan(ref to, (int)length));
            return;
        }
        nuint last = length - Step; // the last step overlaps the one before
        Vector256<byte> end = Vector256.LoadUnsafe(ref from, last);
        for (nuint i = 0; i < last; i += Step)
            Vector256.LoadUnsafe(ref from, i).StoreUnsafe(ref to, i);
        end.StoreUnsafe(ref to, last);
    }
}
