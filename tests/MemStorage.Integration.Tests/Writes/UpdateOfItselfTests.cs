using MemStorage.Integration.Tests.Entities;

namespace MemStorage.Integration.Tests.Writes;

/// <summary>An update whose function writes the key that it updates loses every try to itself: it is told, with the key, and the update ends.</summary>
public sealed class UpdateOfItselfTests
{
    private static readonly Dictionary<string, Action<MemStore, PageRepository, int>> s_ways = new(StringComparer.Ordinal)
    {
        ["set"] = static (store, pages, run) => pages.SetOrThrow(Page.Create(7, run)),
        ["set with a version"] = static (store, pages, run) => _ = pages.Set(Page.Create(7, run), store.Clock.Next()),
        ["set many"] = static (store, pages, run) => _ = pages.SetMany([Page.Create(7, run)]),
        ["update"] = static (store, pages, run) => _ = pages.Update(7, p => p.Checksum = run),
        ["try update"] = static (store, pages, run) => _ = pages.TryUpdate(pages.Get(7)),
        ["another repository"] = static (store, pages, run) => new PageRepository(store).SetOrThrow(Page.Create(7, run)),
        ["another thread"] = static (store, pages, run) => Task.Run(() => pages.SetOrThrow(Page.Create(7, run))).GetAwaiter().GetResult(),
        ["bytes"] = static (store, pages, run) => _ = pages.KeySpace.Set("7"u8, [1, 2, 3, 4]),
        ["replication"] = static (store, pages, run) =>
        {
            SyncOperation old = store.Snapshot().First();
            _ = store.Apply(old with { Item = old.Item.WithVersion(store.Clock.Next()) });
        },
        ["delete and load"] = static (store, pages, run) =>
        {
            _ = pages.Delete(7);
            _ = pages.GetOrCreate(7, id => Page.Create(id, run));
        },
    };

    public static TheoryData<string> Ways => [.. s_ways.Keys];

    [Theory]
    [MemberData(nameof(Ways))]
    public void An_update_whose_function_writes_its_key_ends_and_names_it(string way)
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        pages.SetOrThrow(Page.Create(7, 0));
        int runs = 0;
        Exception? thrown = Record.Exception(() => _ = pages.Update(7, page =>
        {
            if (++runs > 100)
                throw new InvalidDataException("never ends");
            s_ways[way](store, pages, runs);
            page.Checksum++;
        }));
        if (way == "bytes")
            Assert.True(runs <= 2); // what it wrote is no page: there is nothing to update any more
        else
            Assert.Contains("'7'", Assert.IsType<InvalidOperationException>(thrown).Message, StringComparison.Ordinal);
        pages.SetOrThrow(Page.Create(7, 1)); // and it is over
        Assert.Equal(UpdateResult.Updated, pages.Update(7, static p => p.Checksum++));
    }

    [Fact]
    public async Task Others_may_write_the_key_and_the_function_may_write_other_keys()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        pages.SetOrThrow(Page.Create(7, 0));
        pages.SetOrThrow(Page.Create(8, 0));
        int runs = 0;
        Task? leftBehind = null;
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using AutoResetEvent asked = new(false);
        using AutoResetEvent written = new(false);
        Task other = Task.Run(() =>
        {
            for (int i = 0; i < 5; i++)
            {
                asked.WaitOne();
                pages.SetOrThrow(Page.Create(7, i));
                written.Set();
            }
        }, TestContext.Current.CancellationToken);
        Assert.Equal(UpdateResult.Updated, pages.Update(7, page =>
        {
            if (++runs <= 5)
            {
                asked.Set();
                written.WaitOne();
            }
            Assert.Equal(UpdateResult.Updated, pages.Update(8, static p => p.Checksum++));
            leftBehind ??= runs < 3 ? null : Task.Run(async () =>
            {
                await go.Task;
                pages.SetOrThrow(Page.Create(7, 99)); // when the update has ended
            });
        }));
        await other;
        Assert.Equal(6, runs);
        go.SetResult();
        await leftBehind!;
        Assert.Equal(99, pages.Get(7).Content[0]);
    }
}
