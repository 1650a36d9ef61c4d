using System.Text;
using Xunit;

namespace MemStorage.Tests.Support;

/// <summary>Short forms for tests: each asserts what the call is expected to do.</summary>
internal static class StoreExtensions
{
    /// <summary>Stores and expects <see cref="SetResult.Stored"/>; returns the version.</summary>
    public static long Put(this MemStore store, string key, string value, long version = 0, DateTimeOffset? expireAt = null) =>
        store.Put(key, Encoding.UTF8.GetBytes(value), version, expireAt);

    /// <inheritdoc cref="Put(MemStore, string, string, long, DateTimeOffset?)"/>
    public static long Put(this MemStore store, string key, byte[] value, long version = 0, DateTimeOffset? expireAt = null)
    {
        Assert.Equal(SetResult.Stored, store.Set(key, new StoredItem(value, version, expireAt), out long stored));
        return stored;
    }

    /// <summary>The value as text, or null when the key is absent.</summary>
    public static string? Text(this MemStore store, string key) =>
        store.TryGet(key, out StoredItem? item) ? Encoding.UTF8.GetString(item.Value.Span) : null;

    public static StoredItem Item(string value, long version = 0, DateTimeOffset? expireAt = null) => new(Encoding.UTF8.GetBytes(value), version, expireAt);
}
