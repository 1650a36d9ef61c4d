using System.Buffers.Binary;
using System.IO.Compression;

namespace MemStorage.Traces;

/// <summary>A cache trace (<c>docs/trace-format.md</c>): keys are dense, 0 to <see cref="Unique"/> - 1, and a key has one size.</summary>
internal sealed class Trace
{
    private Trace(string name, int[] accesses, int[] sizes)
    {
        Name = name;
        Accesses = accesses;
        Sizes = sizes;
    }

    public string Name { get; }

    public int[] Accesses { get; }

    /// <summary>The value size of each key in bytes.</summary>
    public int[] Sizes { get; }

    public int Unique => Sizes.Length;

    public static Trace Read(string path)
    {
        using Stream file = File.OpenRead(path);
        using Stream data = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        Span<byte> header = stackalloc byte[8];
        data.ReadExactly(header);
        if (!header[..4].SequenceEqual("MTR1"u8))
            throw new InvalidDataException($"{path} does not begin with MTR1.");
        byte[] bytes = new byte[BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) * 12L];
        data.ReadExactly(bytes);
        int[] accesses = new int[bytes.Length / 12];
        List<int> sizes = [];
        for (int i = 0; i < accesses.Length; i++)
        {
            ReadOnlySpan<byte> record = bytes.AsSpan(i * 12, 12);
            int key = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(record));
            if (key > sizes.Count)
                throw new InvalidDataException($"{path}: key {key} at access {i} is not in order of first appearance.");
            if (key == sizes.Count)
                sizes.Add(checked((int)BinaryPrimitives.ReadUInt32LittleEndian(record[8..])));
            accesses[i] = key;
        }
        return new Trace(Path.GetFileName(path).Split('.')[0], accesses, [.. sizes]);
    }

    /// <summary>A made-up trace; every value has one byte.</summary>
    public static Trace From(string name, int[] accesses) => new(name, accesses, [.. Enumerable.Repeat(1, accesses.Max() + 1)]);

    /// <summary>A made-up trace, its keys numbered by first appearance.</summary>
    public static Trace From(string name, int[] accesses, int[] sizes) => new(name, accesses, sizes);
}
