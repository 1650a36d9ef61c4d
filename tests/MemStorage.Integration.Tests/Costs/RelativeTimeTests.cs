using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using MemoryPack;
using MemStorage.Bench.Measuring;
using MemStorage.Integration.Tests.Entities;

namespace MemStorage.Integration.Tests.Costs;

/// <summary>
/// What an operation takes beside the same on a dictionary of byte arrays: processor time of the thread, both in turn, the fastest of many short batches of each. On a busy machine 1.6 to 2.2 (copy), 1.6 to 2.5 (typed read), 2.1 to 2.5 (set); the limits are wide,
/// because a busy machine must not break them: they notice a lock, a second look-up or a system call that came into the path, not a few nanoseconds. A batch that was quick enough ends the test.
/// </summary>
public sealed class RelativeTimeTests(ITestOutputHelper output)
{
    private const int Entries = 2000;
    private const int ValueBytes = 120;
    private const int MostRounds = 20_000;

    // the runtime compiles a method for good some time after its first calls
    private const int LeastRounds = 200;

    // code compiled for the debugger takes about four times as long beside a dictionary, which is always compiled for speed
    private static readonly double s_slack = IsOptimized(typeof(MemStore)) && IsOptimized(typeof(RelativeTimeTests)) ? 1 : 8;

    private readonly string[] _keys = [.. Enumerable.Range(0, Entries).Select(i => $"order:{i}")];
    private readonly byte[] _buffer = new byte[ValueBytes];

    [Fact]
    public void A_copy_is_not_much_slower_than_from_a_dictionary()
    {
        ConcurrentDictionary<string, byte[]> dictionary = new(_keys.Select(k => KeyValuePair.Create(k, new byte[ValueBytes])), StringComparer.Ordinal);
        using MemStore store = Filled();
        Compare(
            "copy",
            4,
            () =>
            {
                foreach (string key in _keys)
                    dictionary[key].CopyTo(_buffer, 0);
            },
            () =>
            {
                foreach (string key in _keys)
                    store.TryGet(key, _buffer, out _, out _);
            });
    }

    [Fact]
    public void A_typed_read_is_not_much_slower_than_from_a_dictionary()
    {
        ConcurrentDictionary<string, byte[]> dictionary = new(StringComparer.Ordinal);
        using MemStore store = TestStores.Create(o => o.CompressionEnabled = false);
        PageRepository pages = store.Pages();
        for (int i = 0; i < Entries; i++)
        {
            pages.SetOrThrow(Page.Create(i, 1));
            dictionary[_keys[i]] = MemoryPackSerializer.Serialize(Page.Create(i, 1));
        }
        Compare(
            "typed read",
            4,
            () =>
            {
                foreach (string key in _keys)
                    _ = MemoryPackSerializer.Deserialize<Page>(dictionary[key]);
            },
            () =>
            {
                for (int i = 0; i < Entries; i++)
                    _ = pages.Get(i);
            });
    }

    [Fact]
    public void A_write_is_not_much_slower_than_into_a_dictionary()
    {
        ConcurrentDictionary<string, byte[]> dictionary = new(StringComparer.Ordinal);
        using MemStore store = Filled();
        Compare(
            "set",
            6,
            () =>
            {
                foreach (string key in _keys)
                    dictionary[key] = _buffer.AsSpan().ToArray();
            },
            () =>
            {
                foreach (string key in _keys)
                    _ = store.Set(key, _buffer);
            });
    }

    private MemStore Filled()
    {
        MemStore store = new(new MemStoreOptions { MaxMemoryMB = 16, CompressionEnabled = false, AsyncEviction = false, ExpirySweepInterval = TimeSpan.Zero });
        foreach (string key in _keys)
            Assert.Equal(SetResult.Stored, store.Set(key, _buffer));
        return store;
    }

    private static bool IsOptimized(Type type) => type.Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };

    private void Compare(string what, double limit, Action theirs, Action ours)
    {
        limit *= s_slack;
        long fastestTheirs = long.MaxValue;
        long fastestOurs = long.MaxValue;
        for (int round = 0; round < MostRounds; round++)
        {
            fastestTheirs = Math.Min(fastestTheirs, Time(theirs));
            fastestOurs = Math.Min(fastestOurs, Time(ours));
            if (round >= LeastRounds && fastestOurs <= limit * fastestTheirs)
                break;
        }
        string text = string.Create(CultureInfo.InvariantCulture, $"{what}: {fastestOurs / (double)Entries:F1} ns, dictionary {fastestTheirs / (double)Entries:F1} ns, {fastestOurs / (double)fastestTheirs:F2} (limit {limit})");
        output.WriteLine(text);
        Assert.True(fastestOurs <= limit * fastestTheirs, text);
    }

    private static long Time(Action action)
    {
        long before = ThreadClock.Nanoseconds;
        action();
        return ThreadClock.Nanoseconds - before;
    }
}
