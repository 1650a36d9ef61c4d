using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemStorage.AspNetCore.Caching;

/// <summary>
/// Which tags were evicted, and at which version. A response is outdated when it was written before one of its tags was evicted: the store's versions are one order over all
/// writes, so comparing two numbers tells. Evicting a tag therefore costs the same however many responses have it, and nothing has to be found or deleted.
/// </summary>
/// <remarks>
/// Tags are known by a hash of 64 bits: two tags with one hash are evicted together, which costs a response that is made anew. Bounded: when there are more than
/// <see cref="Capacity"/> tags, the older half is forgotten and replaced by one version under which every response counts as outdated, whatever its tags. So too much is evicted
/// rather than too little. One per key space. Thread-safe.
/// </remarks>
internal sealed class EvictedTags
{
    /// <summary>Tags remembered; about 100 bytes each.</summary>
    public const int Capacity = 16_384;

    private static readonly ConditionalWeakTable<KeySpace, EvictedTags> s_all = [];

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<ulong, long> _versions = new();
    private long _floor; // written under the lock before tags are forgotten, read after they were looked up

    /// <summary>The tags of a key space: the same for all caches on it.</summary>
    public static EvictedTags Of(KeySpace space) => s_all.GetOrCreateValue(space);

    public int Count => _versions.Count;

    public static ulong Hash(string tag) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(tag.AsSpan()));

    /// <summary>Everything with this tag that was written under a lower version is outdated from now on.</summary>
    public void Evict(ulong tag, long version)
    {
        _versions.AddOrUpdate(tag, version, (_, former) => Math.Max(former, version));
        if (_versions.Count > Capacity)
            Forget();
    }

    /// <summary>Whether a response of this version is outdated.</summary>
    /// <param name="tags">The hashes of its tags, eight bytes each.</param>
    /// <param name="version">Its version.</param>
    public bool IsOutdated(ReadOnlySpan<byte> tags, long version)
    {
        for (; !tags.IsEmpty; tags = tags[sizeof(ulong)..])
            if (_versions.TryGetValue(BinaryPrimitives.ReadUInt64LittleEndian(tags), out long evicted) && version < evicted)
                return true;
        return version < Volatile.Read(ref _floor);
    }

    private void Forget()
    {
        lock (_lock)
        {
            if (_versions.Count <= Capacity)
                return;
            KeyValuePair<ulong, long>[] older = [.. _versions.OrderBy(t => t.Value).Take(Capacity / 2)];
            Volatile.Write(ref _floor, Math.Max(_floor, older[^1].Value));
            foreach (KeyValuePair<ulong, long> tag in older)
                _versions.TryRemove(tag); // only as it was: one that was evicted again meanwhile stays
        }
    }
}
