using MemStorage.Testing;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace MemStorage.Extensions.Tests.Testing;

public sealed class FaultyDistributedCacheTests : IDisposable
{
    private readonly MemStore _store = new(new MemStoreOptions { MaxMemoryMB = 8 });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task The_next_operations_fail_and_those_after_do_not()
    {
        FaultyDistributedCache cache = new(new MemStoreDistributedCache(_store));
        cache.Set("k", [1], new());
        cache.FailNext(3, () => new IOException("gone"));
        Assert.Throws<IOException>(() => cache.Get("k"));
        await Assert.ThrowsAsync<IOException>(() => cache.SetAsync("k", [2], new(), Token));
        Assert.Throws<IOException>(() => cache.Remove("k"));
        Assert.Equal([1], cache.Get("k")!); // what a failing operation would have changed stays as it was
        Assert.Equal(3, cache.Failures);

        cache.Fail();
        for (int i = 0; i < 5; i++)
            await Assert.ThrowsAsync<IOException>(() => cache.GetAsync("k", Token));
        cache.Recover();
        Assert.NotNull(await cache.GetAsync("k", Token));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.FailNext(-1));
    }

    [Fact]
    public async Task A_service_on_HybridCache_goes_on_while_the_cache_fails()
    {
        FaultyDistributedCache faulty = new(new MemStoreDistributedCache(_store));
        ServiceCollection services = new();
        services.AddSingleton<IDistributedCache>(faulty);
        services.AddHybridCache();
        await using ServiceProvider provider = services.BuildServiceProvider();
        HybridCache cache = provider.GetRequiredService<HybridCache>();
        faulty.Fail();
        Assert.Equal(7, await cache.GetOrCreateAsync("k", _ => new ValueTask<int>(7), cancellationToken: Token));
        Assert.True(faulty.Failures > 0);
    }
}
