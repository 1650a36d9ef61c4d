using System.Runtime.InteropServices;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary><c>StoredItem{Version, ExpireAt, Value, Key}</c> and its methods.</summary>
public sealed class StoredItemTests : StoreTest
{
    private StoredItem At(long version, bool expired = false) =>
        new([1], version, expired ? Now.AddSeconds(-1) : null);

    /// <summary>"Item; zero <c>ExpireAt</c> = never": here null. Immutable; the bytes are its own copy.</summary>
    [Fact]
    public void The_constructor_takes_its_own_copy()
    {
        byte[] bytes = [1, 2, 3];
        StoredItem fromArray = new(bytes, 5, Now, "key");
        StoredItem fromSpan = new(bytes.AsSpan(), 5, Now, "key");
        bytes[0] = 99;
        foreach (StoredItem item in new[] { fromArray, fromSpan })
        {
            Assert.Equal([1, 2, 3], item.Value.ToArray());
            Assert.Equal(5, item.Version);
            Assert.Equal(Now, item.ExpireAt);
            Assert.Equal("key", item.Key);
        }
        Assert.Null(new StoredItem([1]).ExpireAt);
        Assert.False(new StoredItem([1]).IsExpired(Time));
    }

    /// <summary>"<c>Clone</c>, <c>DeepCopy</c>, <c>Copy</c>: deep, deep, shallow."</summary>
    [Fact]
    public void Clone_and_DeepCopy_have_bytes_of_their_own_Copy_shares_them()
    {
        StoredItem item = new([1, 2, 3], 5, Now, "key");
        foreach (StoredItem copy in new[] { item.Clone(), item.DeepCopy(), item.Copy() })
        {
            Assert.NotSame(item, copy);
            Assert.Equal(item.Value.ToArray(), copy.Value.ToArray());
            Assert.Equal((item.Version, item.ExpireAt, item.Key), (copy.Version, copy.ExpireAt, copy.Key));
        }
        Assert.NotSame(Array(item), Array(item.Clone()));
        Assert.NotSame(Array(item), Array(item.DeepCopy()));
        Assert.Same(Array(item), Array(item.Copy()));
        static byte[] Array(StoredItem i) => MemoryMarshal.TryGetArray(i.Value, out ArraySegment<byte> segment) ? segment.Array! : throw new InvalidOperationException();
    }

    /// <summary>"<c>CompareVersion(other)</c>: -1, 0, 1; a null other is smaller."</summary>
    [Fact]
    public void CompareVersion_is_minus_one_zero_one()
    {
        Assert.Equal(-1, At(1).CompareVersion(At(2)));
        Assert.Equal(0, At(2).CompareVersion(At(2)));
        Assert.Equal(1, At(3).CompareVersion(At(2)));
        Assert.Equal(1, At(0).CompareVersion(null));
        Assert.Equal(-1, At(0).CompareVersion(At(long.MaxValue)));
    }

    /// <summary>"<c>IsExpired</c>, <c>IsTombstone</c>, <c>IsValid</c>: tombstone = empty value with a version; valid = has a version."</summary>
    [Fact]
    public void A_tombstone_is_an_empty_value_with_a_version_valid_has_a_version()
    {
        Assert.True(new StoredItem([], 1).IsTombstone);
        Assert.False(new StoredItem([], 0).IsTombstone);
        Assert.False(new StoredItem([1], 1).IsTombstone);
        Assert.True(new StoredItem([1], 1).IsValid);
        Assert.True(new StoredItem([], 1).IsValid);
        Assert.False(new StoredItem([1], 0).IsValid);
    }

    /// <summary>Expiry is by the given clock, to the millisecond: at the moment itself the item has expired.</summary>
    [Fact]
    public void IsExpired_follows_the_clock()
    {
        StoredItem item = new([1], 1, Now.AddSeconds(1));
        Assert.False(item.IsExpired(Time));
        Time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(item.IsExpired(Time));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(item.IsExpired(Time));
        Assert.True(new StoredItem([1], 1, DateTimeOffset.UtcNow.AddDays(-1)).IsExpired());
        Assert.False(new StoredItem([1], 1, DateTimeOffset.UtcNow.AddDays(1)).IsExpired());
    }

    /// <summary>"<c>ResolveConflict(other)</c>: true if other replaces this: higher version; at equal versions the unexpired one; else keep."</summary>
    [Fact]
    public void ResolveConflict_has_exactly_the_three_rules()
    {
        Assert.True(At(1).ResolveConflict(At(2), Time));
        Assert.True(At(1).ResolveConflict(At(2, expired: true), Time));
        Assert.False(At(2).ResolveConflict(At(1), Time));
        Assert.False(At(2, expired: true).ResolveConflict(At(1), Time));
        Assert.True(At(2, expired: true).ResolveConflict(At(2), Time));
        Assert.False(At(2).ResolveConflict(At(2, expired: true), Time));
        Assert.False(At(2).ResolveConflict(At(2), Time));
        Assert.False(At(2, expired: true).ResolveConflict(At(2, expired: true), Time));
        Assert.False(At(1).ResolveConflict(null, Time));
    }

    /// <summary>"<c>Size</c>": bytes of value and key.</summary>
    [Fact]
    public void Size_counts_value_and_key()
    {
        Assert.Equal(3, new StoredItem([1, 2, 3]).Size);
        Assert.Equal(3 + 5, new StoredItem([1, 2, 3], key: "€uu").Size);
    }

    /// <summary>"<c>WithTTL(ttl)</c>: copy with expiry, ttl &lt;= 0 = none; <c>WithVersion(v)</c>: copy with version."</summary>
    [Fact]
    public void WithTTL_and_WithVersion_are_copies()
    {
        StoredItem item = new([1], 5, null, "key");
        StoredItem expiring = item.WithTTL(TimeSpan.FromMinutes(1), Time);
        Assert.Equal(Now.AddMinutes(1), expiring.ExpireAt);
        Assert.Equal((5L, "key"), (expiring.Version, expiring.Key));
        Assert.Null(item.ExpireAt);
        Assert.Null(expiring.WithTTL(TimeSpan.Zero, Time).ExpireAt);
        Assert.Null(expiring.WithTTL(TimeSpan.FromSeconds(-1), Time).ExpireAt);
        StoredItem versioned = expiring.WithVersion(9);
        Assert.Equal((9L, expiring.ExpireAt, "key"), (versioned.Version, versioned.ExpireAt, versioned.Key));
        Assert.Equal(5, expiring.Version);
        Assert.Throws<ArgumentOutOfRangeException>(() => item.WithVersion(-1));
    }

    /// <summary>"<c>Reset</c>: not public: a pooled item that a feed still holds is how the origin ships other keys' bytes."</summary>
    [Fact]
    public void There_is_no_Reset() => Assert.Null(typeof(StoredItem).GetMethod("Reset"));

    /// <summary>A time to live beyond the calendar means what it says: never, or a typed refusal, but no overflow inside the store.</summary>
    [Fact]
    public void Extreme_expiries_are_kept()
    {
        MemStore store = Open();
        store.Put("max", "v", expireAt: DateTimeOffset.MaxValue);
        store.Put("epoch", "v", expireAt: DateTimeOffset.UnixEpoch);
        store.Put("min", "v", expireAt: DateTimeOffset.MinValue);
        Assert.Equal("v", store.Text("max"));
        Assert.False(store.TryGet("epoch", out _), "An entry that expired in 1970 was read: 0 must not be taken for never.");
        Assert.False(store.TryGet("min", out _));
    }
}
