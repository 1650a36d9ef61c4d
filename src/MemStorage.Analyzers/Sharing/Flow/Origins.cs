namespace MemStorage.Analyzers.Sharing.Flow;

/// <summary>
/// Where an object may come from, as bits of one <see cref="ulong"/>:
/// <code>
/// bits  0..15  no-copy reads of this method, in the order in which they are met; the last one stands for all further ones
/// bits 16..39  the receiver (16), the parameters (17..38) and statics (39) themselves
/// bits 40..63  what is reached through the receiver, a parameter or a static
/// </code>
/// A read of a member turns "the parameter itself" into "reached through the parameter"; whatever is reached through a shared object is shared.
/// </summary>
internal static class Origins
{
    public const int MaxSources = 16;
    public const int MaxParameters = 22;
    public const ulong Sources = (1UL << MaxSources) - 1;
    public const ulong Selves = ((1UL << 24) - 1) << 16;
    public const ulong Inners = Selves << 24;
    public const int ThisIndex = 0;
    public const int StaticIndex = 23;

    /// <summary>The object passed for a parameter; index 0 is the receiver, 1 the first parameter. 0 for a parameter beyond <see cref="MaxParameters"/>.</summary>
    public static ulong Self(int index) => index is >= 0 and <= MaxParameters or StaticIndex ? 1UL << (16 + index) : 0;

    public static ulong Inner(int index) => Self(index) << 24;

    /// <summary>The origin of what is read through an object of the origin <paramref name="mask"/>.</summary>
    public static ulong Through(ulong mask) => (mask & (Sources | Inners)) | ((mask & Selves) << 24);

    public static bool HasSource(ulong mask) => (mask & Sources) != 0;
}
