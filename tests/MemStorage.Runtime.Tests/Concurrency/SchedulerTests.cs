using MemStorage.Storage;
using MemStorage.Tests.Concurrency.Scheduling;
using Xunit;

namespace MemStorage.Tests.Concurrency;

/// <summary>The scheduler itself can fail: it finds a lost update, a deadlock and an endless loop, and tries every order of small threads.</summary>
[Collection(TestHooksUsers.Name)]
public sealed class SchedulerTests
{
    [Fact]
    public void A_lost_update_is_found()
    {
        using GuardTakenOut taken = new(Guard.None);
        using SeededScheduler scheduler = new(2);
        bool isLost = false;
        for (int seed = 0; seed < 50 && !isLost; seed++)
        {
            int counter = 0;
            Action increment = () =>
            {
                int read = counter;
                TestHooks.At(TestPoint.WriteHalfWay);
                counter = read + 1;
            };
            Assert.Null(scheduler.Run(seed, [increment, increment]).Failure);
            isLost = counter == 1;
        }
        Assert.True(isLost);
    }

    /// <summary>With the lock no update is lost, although the thread that holds it stands in it: nobody is sent into a lock that is held.</summary>
    [Fact]
    public void A_lock_is_respected()
    {
        using GuardTakenOut taken = new(Guard.None);
        using SeededScheduler scheduler = new(3);
        Lock guard = new();
        for (int seed = 0; seed < 200; seed++)
        {
            int counter = 0;
            Action increment = () =>
            {
                TestHooks.BeforeLock(guard);
                lock (guard)
                {
                    int read = counter;
                    TestHooks.At(TestPoint.WriteHalfWay);
                    TestHooks.BeforeLock(guard); // a lock that is held may be taken again
                    lock (guard)
                        counter = read + 1;
                }
            };
            Assert.Null(scheduler.Run(seed, [increment, increment, increment]).Failure);
            Assert.Equal(3, counter);
        }
    }

    [Fact]
    public void A_deadlock_is_found_and_ends_the_schedule()
    {
        using GuardTakenOut taken = new(Guard.None);
        using SeededScheduler scheduler = new(2);
        string? failure = null;
        for (int seed = 0; seed < 50 && failure is null; seed++)
        {
            Lock first = new(), second = new();
            failure = scheduler.Run(seed, [() => TakeBoth(first, second), () => TakeBoth(second, first)]).Failure;
        }
        Assert.Contains("deadlock", failure, StringComparison.Ordinal);
        Assert.Null(scheduler.Run(0, [static () => { }]).Failure);

        static void TakeBoth(Lock outer, Lock inner)
        {
            TestHooks.BeforeLock(outer);
            lock (outer)
            {
                TestHooks.BeforeLock(inner);
                lock (inner)
                    TestHooks.At(TestPoint.WriteHalfWay);
            }
        }
    }

    [Fact]
    public void An_endless_loop_is_found_and_ends_the_schedule()
    {
        using GuardTakenOut taken = new(Guard.None);
        using SeededScheduler scheduler = new(2);
        string? failure = scheduler.Run(1, [static () => { }, static () =>
        {
            while (true)
                TestHooks.At(TestPoint.ReadAfterTable);
        }]).Failure;
        Assert.Contains("no end", failure, StringComparison.Ordinal);
    }

    /// <summary>Two threads of two points each can go on in six orders: a few hundred seeds run all of them.</summary>
    [Fact]
    public void Every_order_of_small_threads_is_tried()
    {
        using GuardTakenOut taken = new(Guard.None);
        using SeededScheduler scheduler = new(2);
        HashSet<string> orders = [];
        for (int seed = 0; seed < 400; seed++)
        {
            List<char> order = [];
            Assert.Null(scheduler.Run(seed, [() => Twice(order, 'a'), () => Twice(order, 'b')]).Failure);
            orders.Add(string.Concat(order));
        }
        Assert.Equal(6, orders.Count);

        static void Twice(List<char> order, char name)
        {
            TestHooks.At(TestPoint.WriteHalfWay);
            order.Add(name);
            TestHooks.At(TestPoint.WriteHalfWay);
            order.Add(name);
        }
    }
}
