using System.Runtime.CompilerServices;

namespace MemStorage.Typed;

/// <summary>
/// Room for the bytes of most keys (two <see cref="Guid"/> parts and the prefix fit) among the locals of a method; a pooled array takes its place for longer ones. Smaller than a
/// stack allocation would be, because locals are always cleared in safe code.
/// </summary>
[InlineArray(Length)]
internal struct KeyRoom
{
    public const int Length = 80;

    private byte _first;
}
