using MemStorage.Storage.Log;
using Xunit;

namespace MemStorage.Tests.LargeValues;

/// <summary>The stock of arrays, and when a collection is asked for.</summary>
public sealed class SpareArraysTests
{
    [Fact]
    public void A_new_array_is_at_most_a_sixteenth_larger_than_its_record_and_never_as_long_as_a_segment()
    {
        for (int size = 264; size < 1 << 22; size += 8 + size / 97 / 8 * 8)
        {
            long length = SpareArrays.LengthFor(size, segmentBytes: 1 << 16);
            Assert.InRange(length, size, size + size / 16 + 8);
            Assert.Equal(0, length % 8);
            Assert.NotEqual(1 << 16, length);
        }
        Assert.InRange(SpareArrays.LengthFor(Array.MaxLength - 100, 1 << 20), Array.MaxLength - 100, Array.MaxLength);
    }

    [Fact]
    public void The_smallest_array_that_fits_is_taken()
    {
        SpareArrays spares = new();
        foreach (int length in new[] { 4096, 1024, 2048, 1536, 1152 })
            Assert.True(spares.TryAdd(new byte[length]));
        spares.Validate();
        Assert.True(spares.TryTake(1100, 2048, out byte[]? array));
        Assert.Equal(1152, array.Length);
        Assert.True(spares.TryTake(1100, 2048, out array));
        Assert.Equal(1536, array.Length);
        Assert.False(spares.TryTake(1100, 1400, out _));
        Assert.False(spares.TryTake(5000, 10_000, out _));
        Assert.Equal(4096 + 1024 + 2048, spares.Bytes);
        spares.Validate();
    }

    [Fact]
    public void As_little_as_will_do_is_dropped_and_nothing_where_all_would_not_do()
    {
        SpareArrays spares = new();
        foreach (int length in new[] { 1024, 2048, 4096 })
            Assert.True(spares.TryAdd(new byte[length]));
        Assert.Equal(0, spares.Drop(8000));
        Assert.Equal(2048, spares.Drop(1100));
        Assert.Equal(4096 + 1024, spares.Drop(5000));
        Assert.Equal(0, spares.Bytes);
        spares.Validate();
    }

    [Fact]
    public void What_nobody_wants_goes_piece_by_piece()
    {
        SpareArrays spares = new();
        Assert.True(spares.TryAdd(new byte[1024]));
        Assert.True(spares.TryAdd(new byte[2048]));
        for (int i = 0; i < 10; i++)
            Assert.Equal(0, spares.DropIdle(patience: 10));
        Assert.Equal(1024, spares.DropIdle(patience: 10));
        Assert.True(spares.TryTake(2048, 2048, out byte[]? array) && spares.TryAdd(array));
        Assert.Equal(0, spares.DropIdle(patience: 10));
    }

    [Fact]
    public void The_smallest_go_first_where_there_are_too_many()
    {
        SpareArrays spares = new();
        foreach (int length in (int[])[3072, 1024, 8192, 2048])
            Assert.True(spares.TryAdd(new byte[length]));
        Assert.Equal(0, spares.DropSmallest(0));
        Assert.Equal(1024, spares.DropSmallest(1));
        Assert.Equal(2048 + 3072, spares.DropSmallest(2049));
        Assert.Equal(8192, spares.Bytes);
        spares.Validate();
        Assert.Equal(8192, spares.DropSmallest(long.MaxValue));
        Assert.Equal(0, spares.DropSmallest(1));
    }

    [Fact]
    public void After_the_end_nothing_is_kept()
    {
        SpareArrays spares = new();
        Assert.True(spares.TryAdd(new byte[1024]));
        Assert.Equal(1024, spares.Clear(close: true));
        Assert.False(spares.TryAdd(new byte[1024]));
        Assert.Equal(0, spares.Bytes);
    }
}
