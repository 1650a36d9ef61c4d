using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using MemStorage.Integration.Tests.Entities;

namespace MemStorage.Integration.Tests.Loading;

/// <summary>Whatever a factory leaves behind holds its execution context, and through it nothing of what was loaded: the store's bound is the bound.</summary>
public sealed class LeftBehindTests
{
    private static readonly Dictionary<string, Func<CancellationToken, object>> s_ways = new(StringComparer.Ordinal)
    {
        ["registration"] = static token => token.Register(static () => { }),
        ["timer"] = static _ => new Timer(static _ => { }, null, Timeout.Infinite, Timeout.Infinite),
        ["context"] = static _ => ExecutionContext.Capture()!,
        ["task"] = static token => Task.Run(() => Task.Delay(Timeout.Infinite, token), CancellationToken.None),
        ["delay"] = static token => WaitAsync(Task.Delay(Timeout.Infinite, token)),
        ["continuation"] = static _ =>
        {
            TaskCompletionSource source = new();
            return (source, source.Task.ContinueWith(static _ => { }, TaskScheduler.Default));
        },
        ["wait handle"] = static _ => ThreadPool.RegisterWaitForSingleObject(new ManualResetEvent(false), static (_, _) => { }, null, Timeout.Infinite, executeOnlyOnce: true),
        ["channel"] = static _ =>
        {
            Channel<int> channel = Channel.CreateUnbounded<int>();
            return (channel, WaitAsync(channel.Reader.WaitToReadAsync().AsTask()));
        },
        ["semaphore"] = static _ =>
        {
            SemaphoreSlim semaphore = new(0);
            return (semaphore, WaitAsync(semaphore.WaitAsync()));
        },
        ["async local"] = static _ =>
        {
            AsyncLocal<object> scope = new() { Value = new object() };
            return (scope, ExecutionContext.Capture()!);
        },
    };

    public static TheoryData<string> Ways => [.. s_ways.Keys];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_a_factory_leaves_behind_keeps_nothing_of_its_load(string way)
    {
        using MemStore store = TestStores.Create();
        using CancellationTokenSource process = new(); // as a host's stopping token: it outlives every load
        List<object> leftBehind = [];
        List<WeakReference> loaded = await LoadAsync(store.Pages(), way, leftBehind, process.Token);
        for (int attempt = 0; attempt < 100 && loaded.Exists(static l => l.IsAlive); attempt++)
        {
            await Task.Yield();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.Equal(0, loaded.Count(static l => l.IsAlive));
        GC.KeepAlive(leftBehind);
        await process.CancelAsync();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<List<WeakReference>> LoadAsync(PageRepository pages, string way, List<object> leftBehind, CancellationToken process)
    {
        FieldInfo source = typeof(CancellationToken).GetField("_source", BindingFlags.NonPublic | BindingFlags.Instance)!;
        List<WeakReference> loaded = [];
        for (int i = 0; i < 20; i++)
        {
            Page page = await pages.GetOrCreateAsync(i, async (id, token) =>
            {
                if (id % 2 == 0)
                    await Task.Yield();
                if (id % 4 == 3) // a load within a load is in the graph of those that wait for each other
                    _ = await pages.GetOrCreateAsync(id + 1000, static (inner, _) => new ValueTask<Page>(Page.Create(inner, 1)), CancellationToken.None);
                leftBehind.Add(s_ways[way](process));
                Page made = Page.Create(id, 1);
                loaded.Add(new WeakReference(made));
                loaded.Add(new WeakReference(source.GetValue(token))); // as long as the flight is, and so what it has
                return made;
            }, CancellationToken.None);
            loaded.Add(new WeakReference(page));
        }
        return loaded;
    }

    private static async Task WaitAsync(Task task) => await task.ConfigureAwait(false);
}
