using System.Buffers.Binary;
using System.IO.Compression;
using MemStorage.Traces;
using Xunit;

namespace MemStorage.Tests.Eviction;

/// <summary>docs/trace-format.md, by files that are as it says and files that are not: a damaged one is told apart by its name and the place, never by wrong figures.</summary>
public sealed class TraceFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("memstorage-traces").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("mine.mtrace", false, "mine")]
    [InlineData("mine.of.may.mtrace.gz", true, "mine.of.may")]
    [InlineData("renamed.mtrace", true, "renamed")]
    public void A_file_is_read_compressed_or_not(string file, bool compressed, string name)
    {
        Trace trace = Trace.Read(Write(file, Content((0, 100), (1, 200), (0, 100)), compressed));
        Assert.Equal(name, trace.Name);
        Assert.Equal([0, 1, 0], trace.Accesses);
        Assert.Equal([100, 200], trace.Sizes);
        Assert.Equal(0, trace.OtherSizes);
    }

    [Fact]
    public void Keys_may_be_any_numbers_and_the_first_size_of_a_key_counts()
    {
        Trace trace = Trace.Read(Write("t.mtrace", Content((ulong.MaxValue, 0), (7, 5), (ulong.MaxValue, 9), (7, 5), (1, 1 << 30))));
        Assert.Equal([0, 1, 0, 1, 2], trace.Accesses);
        Assert.Equal([0, 5, 1 << 30], trace.Sizes);
        Assert.Equal(1, trace.OtherSizes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_that_is_cut_off_anywhere_is_refused(bool compressed)
    {
        byte[] whole = Content([.. Enumerable.Range(0, 40).Select(i => ((ulong)i, 10u))]);
        byte[] stored = compressed ? Compress(whole) : whole;
        for (int length = 0; length < stored.Length; length++)
        {
            string path = Write("cut.mtrace", stored[..length]);
            Trace? trace = null;
            if (Record.Exception(() => trace = Trace.Read(path)) is { } error)
                Assert.StartsWith(path, Assert.IsType<InvalidDataException>(error).Message, StringComparison.Ordinal);
            else // of a gzip file, what lacks may be its own sum at the very end: then the accesses are all there
                Assert.True(compressed && trace!.Accesses.SequenceEqual(Enumerable.Range(0, 40)), $"{length} of {stored.Length} bytes were taken for a trace.");
        }
    }

    [Fact]
    public void What_is_no_trace_is_refused_with_the_reason()
    {
        byte[] good = Content((0, 1), (1, 1));
        Refused(good.AsSpan(1), "MTR1");
        Refused([.. good, 0], "goes on");
        Refused(Content(), "no accesses");
        Refused(Content((0, 1u << 31)), "2,147,483,648 bytes");
        byte[] boastful = [.. good];
        BinaryPrimitives.WriteUInt32LittleEndian(boastful.AsSpan(4), uint.MaxValue); // 51 GB are announced: no memory is taken for them
        Refused(boastful, "2 of 4,294,967,295 accesses");
        byte[] damaged = Compress(Content([.. Enumerable.Range(0, 2000).Select(i => ((ulong)i * 7919, (uint)i))]));
        for (int i = 20; i < 60; i++)
            damaged[i] ^= 0x5A;
        Refused(damaged, "");
        Assert.ThrowsAny<IOException>(() => Trace.Read(Path.Combine(_folder, "absent.mtrace")));

        void Refused(ReadOnlySpan<byte> content, string reason)
        {
            string path = Write("bad.mtrace", content.ToArray());
            string message = Assert.Throws<InvalidDataException>(() => Trace.Read(path)).Message;
            Assert.StartsWith(path, message, StringComparison.Ordinal);
            Assert.Contains(reason, message, StringComparison.Ordinal);
        }
    }

    private string Write(string name, byte[] content, bool compress = false)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, compress ? Compress(content) : content);
        return path;
    }

    private static byte[] Compress(byte[] content)
    {
        using MemoryStream result = new();
        using (GZipStream gzip = new(result, CompressionLevel.Optimal))
            gzip.Write(content);
        return result.ToArray();
    }

    private static byte[] Content(params (ulong Key, uint Size)[] accesses)
    {
        byte[] bytes = new byte[8 + 12 * accesses.Length];
        "MTR1"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), (uint)accesses.Length);
        for (int i = 0; i < accesses.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8 + 12 * i), accesses[i].Key);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16 + 12 * i), accesses[i].Size);
        }
        return bytes;
    }
}
