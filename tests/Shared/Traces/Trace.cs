using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;

namespace MemStorage.Traces;

/// <summary>
/// A cache trace (<c>docs/trace-format.md</c>). Its keys are numbered 0 to <see cref="Unique"/> - 1 in order of first appearance, whatever numbers the file has, and a key has the size of its first access.
/// </summary>
internal sealed class Trace
{
    private const int RecordBytes = 12;
    private const int HeaderBytes = 8;

    /// <summary>A larger one is taken for a damaged file: values of this size have to fit into an array.</summary>
    private const uint LargestSize = 1 << 30;

    private Trace(string name, int[] accesses, int[] sizes, long otherSizes)
    {
        Name = name;
        Accesses = accesses;
        Sizes = sizes;
        OtherSizes = otherSizes;
    }

    /// <summary>The file's name without .mtrace and .gz.</summary>
    public string Name { get; }

    public int[] Accesses { get; }

    /// <summary>The value size of each key in bytes.</summary>
    public int[] Sizes { get; }

    /// <summary>How many accesses have another size than the first of their key: it is ignored.</summary>
    public long OtherSizes { get; }

    public int Unique => Sizes.Length;

    /// <exception cref="InvalidDataException">The file is not a trace, is cut off or damaged; the message names the file and the place.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static Trace Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using Stream data = IsGzip(file) ? new GZipStream(file, CompressionMode.Decompress) : file;
            return Read(path, data);
        }
        catch (Exception e) when (e is InvalidDataException { InnerException: null } && !e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path}: the compressed data are damaged: {e.Message}", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>A made-up trace; every value has one byte.</summary>
    public static Trace From(string name, int[] accesses) => new(name, accesses, [.. Enumerable.Repeat(1, accesses.Max() + 1)], 0);

    /// <summary>A made-up trace, its keys numbered by first appearance.</summary>
    public static Trace From(string name, int[] accesses, int[] sizes) => new(name, accesses, sizes, 0);

    private static Trace Read(string path, Stream data)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        int got = data.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false);
        if (got < HeaderBytes)
            throw new InvalidDataException($"{path}: {got} bytes are no trace; one begins with MTR1 and the number of accesses.");
        if (!header[..4].SequenceEqual("MTR1"u8))
            throw new InvalidDataException($"{path} does not begin with MTR1.");
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        if (count == 0)
            throw new InvalidDataException($"{path} has no accesses.");

        // the count of a damaged file may be anything: memory is taken for what comes, not for what is announced
        List<int> accesses = [];
        List<int> sizes = [];
        Dictionary<ulong, int> numbers = [];
        long otherSizes = 0;
        byte[] block = new byte[RecordBytes * 8192];
        while (accesses.Count < count)
        {
            int wanted = (int)Math.Min(block.Length, (count - accesses.Count) * (long)RecordBytes);
            got = data.ReadAtLeast(block.AsSpan(0, wanted), wanted, throwOnEndOfStream: false);
            for (int at = 0; at + RecordBytes <= got; at += RecordBytes)
            {
                ulong key = BinaryPrimitives.ReadUInt64LittleEndian(block.AsSpan(at));
                uint size = BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(at + 8));
                if (size > LargestSize)
                    throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{path}: access {accesses.Count} has a size of {size:N0} bytes; at most {LargestSize:N0} are read."));
                if (!numbers.TryGetValue(key, out int number))
                {
                    numbers.Add(key, number = numbers.Count);
                    sizes.Add((int)size);
                }
                else if (sizes[number] != (int)size)
                    otherSizes++;
                accesses.Add(number);
            }
            if (got < wanted)
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{path} is cut off: {accesses.Count:N0} of {count:N0} accesses are there."));
        }
        if (data.ReadByte() >= 0)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{path} goes on after the {count:N0} accesses that it announces."));
        return new Trace(NameOf(path), [.. accesses], [.. sizes], otherSizes);
    }

    // by its first bytes: a file may have been renamed
    private static bool IsGzip(FileStream file)
    {
        bool result = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
        file.Position = 0;
        return result;
    }

    private static string NameOf(string path)
    {
        string name = Path.GetFileName(path);
        foreach (string ending in (ReadOnlySpan<string>)[".gz", ".mtrace"])
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                name = name[..^ending.Length];
        }
        return name;
    }
}
