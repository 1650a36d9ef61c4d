using System.Buffers;
using MemStorage.Storage;
using MemStorage.Tests.Concurrency;
using MemStorage.Tests.Pools;
using Xunit;

namespace MemStorage.Tests.Buffers;

/// <summary>"Rented buffers have one owner type with which a second return cannot be written."</summary>
[Collection(TestHooksUsers.Name)] // the events of the pool are of the whole process, and allocate
public sealed class ScratchBufferTests : IDisposable
{
    /// <summary>Longer than what anybody else rents: for a moment such an array has two owners, and tests run beside each other.</summary>
    private const int ControlBytes = 40_000_000;

    public void Dispose() => PoolWatch.Stop();

    private static void Watched(Action call, int rented)
    {
        using PoolWatch watch = PoolWatch.Begin();
        call();
        Assert.Empty(watch.Faults);
        Assert.Equal(rented, watch.Rented);
    }

    /// <summary>The control: what the owner prevents is seen when it is done by hand.</summary>
    [Fact]
    public void The_watch_sees_a_second_return_a_leak_and_a_use_after_return()
    {
        byte[] array = [];
        byte[] leaked = [];
        using (PoolWatch watch = PoolWatch.Begin())
        {
            array = ArrayPool<byte>.Shared.Rent(ControlBytes);
            array[7] = 7;
            ArrayPool<byte>.Shared.Return(array);
            Assert.Equal(PoolWatch.Poison, array[7]);
            Assert.Empty(watch.Faults);
            ArrayPool<byte>.Shared.Return(array);
            Assert.Contains("a second return", Assert.Single(watch.Faults), StringComparison.Ordinal);
        }
        using (PoolWatch watch = PoolWatch.Begin())
        {
            byte[] first = ArrayPool<byte>.Shared.Rent(ControlBytes);
            byte[] second = ArrayPool<byte>.Shared.Rent(ControlBytes);
            Assert.Same(array, first);
            Assert.Same(first, second); // two owners of one array: the fault that this is about
            Assert.Contains(watch.Faults, static fault => fault.Contains("in the pool twice", StringComparison.Ordinal));
            ArrayPool<byte>.Shared.Return(first);
        }
        using (PoolWatch watch = PoolWatch.Begin())
        {
            leaked = ArrayPool<byte>.Shared.Rent(ControlBytes);
            Assert.Contains("not returned", Assert.Single(watch.Faults), StringComparison.Ordinal);
        }
        GC.KeepAlive(leaked);
    }

    [Fact]
    public void Disposing_twice_returns_once() => Watched(
        static () =>
        {
            var buffer = new ScratchBuffer(stackalloc byte[16]);
            buffer.Ensure(2_000);
            buffer.Dispose();
            buffer.Dispose();
            buffer.Ensure(2_000); // a new lease
            buffer.Dispose();
        },
        rented: 2);

    [Fact]
    public void Copies_share_one_lease_that_ends_once() => Watched(
        static () =>
        {
            var buffer = new ScratchBuffer(default);
            buffer.Ensure(2_000);
            ScratchBuffer copy = buffer;
            ScratchBuffer another = copy;
            copy.Dispose();
            buffer.Dispose();
            another.Dispose();
            // the same lease object, another lease: old copies must not end it
            var next = new ScratchBuffer(default);
            next.Ensure(2_000);
            next.Span[0] = 1;
            another = buffer = copy;
            buffer.Dispose();
            Assert.Equal(1, next.Span[0]);
            next.Dispose();
        },
        rented: 2);

    [Fact]
    public void An_old_copy_neither_ends_the_next_lease_nor_rents_under_it() => Watched(
        static () =>
        {
            var buffer = new ScratchBuffer(default);
            buffer.Ensure(2_000);
            ScratchBuffer stale = buffer;
            ScratchBuffer stale2 = buffer;
            buffer.Dispose();
            var next = new ScratchBuffer(default);
            next.Ensure(2_000);
            next.Span[0] = 1;
            stale2.Dispose();
            Assert.Equal(1, next.Span[0]);
            try
            {
                stale.Ensure(100_000);
                Assert.Fail("A copy of a buffer that was disposed has rented.");
            }
            catch (ObjectDisposedException)
            {
            }
            stale.Dispose();
            next.Dispose();
        },
        rented: 2);

    /// <summary>The case of a writer that is copied: one grows, the other still writes into the smaller array.</summary>
    [Fact]
    public void What_a_larger_array_has_replaced_stays_rented_until_the_end() => Watched(
        static () =>
        {
            var buffer = new ScratchBuffer(default);
            buffer.Ensure(1_000);
            ScratchBuffer copy = buffer;
            copy.Span[0] = 9;
            buffer.Grow(5_000, used: 1);
            buffer.Grow(50_000, used: 1);
            buffer.Grow(500_000, used: 1);
            buffer.Grow(1_000_000, used: 1);
            buffer.Grow(2_000_000, used: 1);
            Assert.Equal(9, buffer.Span[0]);
            Assert.Equal(9, copy.Span[0]);
            copy.Grow(3_000_000, used: 1);
            buffer.Dispose();
            copy.Dispose();
        },
        rented: 7);

    [Fact]
    public void Leases_that_lie_in_each_other_have_arrays_of_their_own() => Watched(
        static () =>
        {
            Nest(0);

            static void Nest(int depth)
            {
                var buffer = new ScratchBuffer(stackalloc byte[8]);
                try
                {
                    buffer.Ensure(1_500);
                    buffer.Span.Fill((byte)depth);
                    if (depth < 20)
                        Nest(depth + 1);
                    Assert.Equal(-1, buffer.Span.IndexOfAnyExcept((byte)depth));
                }
                finally
                {
                    buffer.Dispose();
                }
            }
        },
        rented: 21);

    [Fact]
    public void An_array_that_cannot_be_had_leaves_what_was_rented()
    {
        Watched(
            static () =>
            {
                var buffer = new ScratchBuffer(default);
                try
                {
                    buffer.Ensure(1_000);
                    buffer.Ensure(int.MaxValue);
                    Assert.Fail("There are no arrays of this length.");
                }
                catch (OutOfMemoryException)
                {
                    Assert.True(buffer.Span.Length >= 1_000);
                    buffer.Span.Fill(1);
                }
                finally
                {
                    buffer.Dispose();
                }
            },
            rented: 1);
    }

    [Fact]
    public void A_negative_length_needs_nothing() => Watched(
        static () =>
        {
            var buffer = new ScratchBuffer(stackalloc byte[8]);
            buffer.Ensure(-1);
            Assert.Equal(8, buffer.Span.Length);
            buffer.Dispose();
        },
        rented: 0);

    /// <summary>"Hot paths do not allocate": after the first one of a thread a lease costs nothing.</summary>
    [Fact]
    public void A_lease_allocates_nothing()
    {
        Lease();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
            Lease();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void Lease()
        {
            var outer = new ScratchBuffer(stackalloc byte[16]);
            outer.Ensure(700);
            var inner = new ScratchBuffer(stackalloc byte[16]);
            inner.Ensure(3_000);
            inner.Dispose();
            outer.Dispose();
        }
    }
}
