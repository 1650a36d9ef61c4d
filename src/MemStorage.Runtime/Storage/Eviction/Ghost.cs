namespace MemStorage.Storage.Eviction;

/// <summary>
/// What the shard evicted lately: 16 bytes per entry, in pages of up to 64 KiB. A page is made when its first entry comes: the whole at once would be megabytes to allocate
/// and to zero under the shard's lock.
/// <code>
///   bucket (128 bytes): | 8 marks (one cache line) | 8 versions (the next one) |
///   mark:  63        32 31         0      0: empty
///         | fingerprint |   birth   |
/// </code>
/// A full bucket forgets its entry of the oldest birth, be it the one that is added. A fingerprint of 32 bits takes another key for one that it knows in about one of
/// 500 million look-ups.
/// <para>Not thread-safe: the shard's lock guards it. Every operation touches one bucket; only the first that is added to a page allocates.</para>
/// </summary>
internal sealed class Ghost
{
    /// <summary>What one entry takes.</summary>
    public const int EntryBytes = 16;

    private const int Ways = 8;
    private const int BucketLength = 2 * Ways;

    private const int PageBits = 9;
    private const int PageBuckets = 1 << PageBits;

    private readonly ulong[]?[] _pages;
    private readonly uint _bucketCount;

    /// <param name="entries">How many to remember, 0 or more; rounded up to whole buckets, one at least.</param>
    public Ghost(int entries)
    {
        _bucketCount = BucketsFor(entries);
        _pages = new ulong[(_bucketCount + PageBuckets - 1) / PageBuckets][];
    }

    /// <summary>The entries it has room for.</summary>
    public int Capacity => (int)_bucketCount * Ways;

    /// <summary>The entries it holds.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes it takes with all its pages, whether they are in use or not.</summary>
    public long Bytes => (long)_bucketCount * BucketLength * sizeof(ulong);

    /// <summary>The bytes that a ghost of so many entries takes.</summary>
    public static long BytesFor(int entries) => (long)BucketsFor(entries) * BucketLength * sizeof(ulong);

    private static uint BucketsFor(int entries)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(entries);
        return (uint)Math.Max(1, (entries + (long)Ways - 1) / Ways);
    }

    /// <summary>Remembers a key. If it was known, birth and version are those given now, the version only if it is higher.</summary>
    /// <returns>Whether a key was forgotten: that of the oldest birth, which may be this one, or this one because there is no memory for its page.</returns>
    public bool Add(ulong hash, uint birth, long version, out long forgottenVersion)
    {
        uint number = BucketOf(hash, out uint fingerprint);
        if ((_pages[number >> PageBits] ?? TryMakePage(number >> PageBits)) is not { } page)
        {
            forgottenVersion = version;
            return true;
        }
        Span<ulong> bucket = BucketIn(page, number);
        forgottenVersion = 0;
        int target = -1;
        int oldest = 0;
        for (int i = 0; i < Ways; i++)
        {
            ulong mark = bucket[i];
            if (mark == 0)
            {
                if (target < 0)
                    target = i;
            }
            else if ((uint)(mark >> 32) == fingerprint)
            {
                bucket[i] = Mark(fingerprint, birth);
                bucket[Ways + i] = (ulong)Math.Max(version, (long)bucket[Ways + i]);
                return false;
            }
            else if (IsOlder((uint)mark, (uint)bucket[oldest]) || bucket[oldest] == 0)
                oldest = i;
        }
        bool forgets = target < 0;
        if (forgets)
        {
            // what comes in may itself be the oldest: it must not push out what came later
            if (IsOlder(birth, (uint)bucket[oldest]))
            {
                forgottenVersion = version;
                return true;
            }
            target = oldest;
            forgottenVersion = (long)bucket[Ways + oldest];
        }
        else
            Count++;
        bucket[target] = Mark(fingerprint, birth);
        bucket[Ways + target] = (ulong)version;
        return forgets;
    }

    /// <summary>Finds a key and forgets it.</summary>
    public bool TryTake(ulong hash, out uint birth, out long version)
    {
        Span<ulong> bucket = Existing(hash, out uint fingerprint);
        int i = Find(bucket, fingerprint, out birth, out version);
        if (i < 0)
            return false;
        bucket[i] = 0;
        Count--;
        return true;
    }

    /// <summary>Finds a key and goes on remembering it.</summary>
    public bool TryPeek(ulong hash, out uint birth, out long version)
    {
        Span<ulong> bucket = Existing(hash, out uint fingerprint);
        return Find(bucket, fingerprint, out birth, out version) >= 0;
    }

    /// <summary>Forgets a key.</summary>
    /// <returns>Whether it was known.</returns>
    public bool Remove(ulong hash) => TryTake(hash, out _, out _);

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_pages);
        Count = 0;
    }

    private static int Find(ReadOnlySpan<ulong> bucket, uint fingerprint, out uint birth, out long version)
    {
        for (int i = 0; i < bucket.Length - Ways; i++)
        {
            if ((uint)(bucket[i] >> 32) == fingerprint)
            {
                birth = (uint)bucket[i];
                version = (long)bucket[Ways + i];
                return i;
            }
        }
        birth = 0;
        version = 0;
        return -1;
    }

    // births wrap around; what is compared is never two billion inserts apart, for a bucket in use is rewritten far more often
    private static bool IsOlder(uint birth, uint other) => (int)(birth - other) < 0;

    private static ulong Mark(uint fingerprint, uint birth) => (ulong)fingerprint << 32 | birth;

    private uint BucketOf(ulong hash, out uint fingerprint)
    {
        // The shard and the index have used bits of this hash: all keys here share the shard's bits. The multiplication spreads what differs.
        ulong mixed = hash * 0x9E3779B97F4A7C15;
        mixed ^= mixed >> 32;
        fingerprint = Math.Max(1, (uint)(mixed >> 32));
        return (uint)((mixed & uint.MaxValue) * _bucketCount >> 32);
    }

    /// <summary>The bucket of a hash; empty when its page was never needed.</summary>
    private Span<ulong> Existing(ulong hash, out uint fingerprint)
    {
        uint number = BucketOf(hash, out fingerprint);
        return _pages[number >> PageBits] is { } page ? BucketIn(page, number) : default;
    }

    private static Span<ulong> BucketIn(ulong[] page, uint number) => page.AsSpan((int)(number & (PageBuckets - 1)) * BucketLength, BucketLength);

    private ulong[]? TryMakePage(uint number)
    {
        try
        {
            TestHooks.At(TestPoint.AllocateGhost);
            FaultPoint.Allocation();
            // pinned, so that no collection copies it about
            return _pages[number] = GC.AllocateArray<ulong>((int)Math.Min(PageBuckets, _bucketCount - (number << PageBits)) * BucketLength, pinned: true);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }
}
