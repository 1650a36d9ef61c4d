using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>New, DefaultConfig, Close, Start, Name.</summary>
public sealed class LifecycleTests : StoreTest
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>"<c>New(Config)</c>: new store." Nothing is in it, and it works at once.</summary>
    [Fact]
    public void A_new_store_is_empty_and_works()
    {
        MemStore store = Open();
        Assert.Empty(store.Keys());
        Assert.Equal(0, store.Stats().KeyCount);
        store.Put("k", "v");
        Assert.Equal("v", store.Text("k"));
    }

    /// <summary>"Options are copied and validated once": what the caller does with the object later has no effect.</summary>
    [Fact]
    public void Options_are_copied()
    {
        MemStoreOptions options = Options(o => o.Name = "first");
        using MemStore store = new(options);
        options.Name = "second";
        options.MaxMemoryBytes = 0;
        options.EvictThreshold = -5;
        options.CompressionEnabled = false;
        Assert.Equal("first", store.Name);
        Assert.Equal(4 << 20, store.GetMemoryReport().LimitBytes);
        store.Put("k", new byte[1000]);
        Assert.True(store.Stats().CompressedBytes < 1000);
        StoreInvariants.Assert(store);
    }

    /// <summary>"<c>Name()</c>: lifecycle component."</summary>
    [Fact]
    public void Name_is_the_option_and_stays_after_closing()
    {
        MemStore store = Open(o => o.Name = "orders");
        Assert.Equal("orders", store.Name);
        store.Dispose();
        Assert.Equal("orders", store.Name);
    }

    /// <summary>"<c>Start(ctx)</c>": twice is fine, and a store works without it.</summary>
    [Fact]
    public async Task Start_can_be_called_twice()
    {
        MemStore store = Open();
        await store.StartAsync(Cancel);
        await store.StartAsync(Cancel);
        store.Put("k", "v");
        Assert.Equal("v", store.Text("k"));
    }

    [Fact]
    public async Task Start_observes_its_token()
    {
        MemStore store = Open();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.StartAsync(new CancellationToken(canceled: true)));
    }

    /// <summary>"Closing twice is fine."</summary>
    [Fact]
    public async Task Closing_twice_is_fine()
    {
        MemStore store = Open();
        Assert.False(store.IsClosed);
        await store.CloseAsync(Cancel);
        await store.CloseAsync(Cancel);
        await store.DisposeAsync();
        store.Dispose();
        Assert.True(store.IsClosed);
    }

    /// <summary>A view that was handed out before the store was closed "stays valid and unchanged for as long as it is held".</summary>
    [Fact]
    public void Views_outlive_the_store()
    {
        MemStore store = Open();
        byte[] value = Payload.Create(1, 1, 500);
        store.Put("k", value);
        Assert.True(store.TryGetNoCopy("k", out NoCopyItem item));
        store.Dispose();
        GC.Collect();
        Assert.Equal(value, item.Value.ToArray());
    }
}
