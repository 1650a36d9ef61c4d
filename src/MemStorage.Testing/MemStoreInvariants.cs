namespace MemStorage.Testing;

/// <summary>Checks a store from outside, through its public members.</summary>
public static class MemStoreInvariants
{
    /// <summary>
    /// Checks what must always hold: the purposes of the memory report sum to the bytes used and stay within the bound, the key spaces sum to the live bytes, counters are not negative,
    /// hits not more than reads, and every key that is told can be read. Nobody may write to the store meanwhile. Reads every entry: for tests.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <exception cref="ArgumentNullException"><paramref name="store"/> is null.</exception>
    /// <exception cref="MemStorageInvariantException">Something does not hold; lists everything.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public static void AssertInvariants(this MemStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        List<string> violations = [];
        CheckMemory(store.GetMemoryReport(), violations);
        CheckStatistics("the store", store.Stats(), violations);
        foreach (KeySpace space in store.KeySpaces)
        {
            string name = space.Name.Length == 0 ? "the space without a name" : $"the key space '{space.Name}'";
            CheckStatistics(name, space.Stats(), violations);
            CheckKeys(name, space, violations);
        }
        if (violations.Count > 0)
            throw new MemStorageInvariantException(violations);
    }

    private static void CheckMemory(MemoryReport r, List<string> violations)
    {
        long sum = r.LiveBytes + r.DeadBytes + r.FreeBytes + r.IndexBytes + r.GhostBytes + r.ChangeLogBytes + r.SecondaryIndexBytes;
        Require(sum == r.UsedBytes, $"The purposes of the memory report sum to {sum:N0} bytes, {r.UsedBytes:N0} are used.");
        Require(r.UsedBytes <= r.LimitBytes, $"{r.UsedBytes:N0} bytes are used, the bound is {r.LimitBytes:N0}.");
        long spaces = r.KeySpaces.Sum(s => s.LiveBytes);
        Require(spaces == r.LiveBytes, $"The key spaces sum to {spaces:N0} live bytes, {r.LiveBytes:N0} are reported.");
        foreach ((string name, long bytes) in new[]
        {
            ("live", r.LiveBytes), ("dead", r.DeadBytes), ("free", r.FreeBytes), ("index", r.IndexBytes), ("ghost", r.GhostBytes), ("change log", r.ChangeLogBytes),
            ("secondary index", r.SecondaryIndexBytes), ("shared", r.SharedBytes),
        })
            Require(bytes >= 0, $"The {name} bytes are {bytes:N0}.");

        void Require(bool holds, string violation)
        {
            if (!holds)
                violations.Add(violation);
        }
    }

    private static void CheckStatistics(string where, MemStoreStats s, List<string> violations)
    {
        foreach ((string name, long value) in new[]
        {
            (nameof(s.KeyCount), s.KeyCount), (nameof(s.TotalBytes), s.TotalBytes), (nameof(s.CompressedBytes), s.CompressedBytes), (nameof(s.OriginalBytes), s.OriginalBytes),
            (nameof(s.GetCount), s.GetCount), (nameof(s.SetCount), s.SetCount), (nameof(s.HitCount), s.HitCount), (nameof(s.EvictCount), s.EvictCount), (nameof(s.ExpiredCount), s.ExpiredCount),
            (nameof(s.TombstoneCount), s.TombstoneCount), (nameof(s.DeleteCount), s.DeleteCount), (nameof(s.SupersededCount), s.SupersededCount), (nameof(s.MemoryLimitCount), s.MemoryLimitCount),
            (nameof(s.WrittenBytes), s.WrittenBytes), (nameof(s.CopiedBytes), s.CopiedBytes), (nameof(s.ReclaimedBytes), s.ReclaimedBytes),
        })
            if (value < 0)
                violations.Add($"{name} of {where} is {value:N0}.");
        if (s.HitCount > s.GetCount)
            violations.Add($"{where} has {s.HitCount:N0} hits in {s.GetCount:N0} reads.");
        if (s.CompressedBytes > s.TotalBytes)
            violations.Add($"The stored values of {where} have {s.CompressedBytes:N0} bytes, its records only {s.TotalBytes:N0}.");
    }

    // Reads through the raw key space too: a key that is told but cannot be read is an index that points to nothing.
    private static void CheckKeys(string where, KeySpace space, List<string> violations)
    {
        long told = 0, missing = 0;
        foreach (byte[] key in space.Keys())
        {
            told++;
            if (!space.TryGetInfo(key, out _))
                missing++;
        }
        if (missing > 0)
            violations.Add($"{where} tells {told:N0} keys, {missing:N0} of them cannot be read.");
    }
}
