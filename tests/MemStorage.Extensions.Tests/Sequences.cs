using System.Buffers;

namespace MemStorage.Extensions.Tests;

/// <summary>Sequences of several segments.</summary>
internal static class Sequences
{
    /// <summary>Cuts <paramref name="bytes"/> at the given positions.</summary>
    public static ReadOnlySequence<byte> Split(byte[] bytes, params int[] cuts)
    {
        Segment first = new(bytes.AsMemory(0, cuts[0]), 0);
        Segment last = first;
        for (int i = 0; i < cuts.Length; i++)
            last = last.Append(bytes.AsMemory(cuts[i], (i + 1 < cuts.Length ? cuts[i + 1] : bytes.Length) - cuts[i]));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            Segment next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
