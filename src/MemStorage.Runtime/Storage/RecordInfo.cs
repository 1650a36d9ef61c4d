namespace MemStorage.Storage;

/// <summary>What a read learned about a record besides its value.</summary>
/// <param name="Version">Its version.</param>
/// <param name="ExpireAt">Unix milliseconds; 0: never.</param>
/// <param name="Address">Its place.</param>
/// <param name="Generation">The generation of the segment.</param>
/// <param name="Extended">Whether it has an extension.</param>
/// <param name="Exact">Whether a touch named the expiry.</param>
internal readonly record struct RecordInfo(long Version, long ExpireAt, uint Address, int Generation, bool Extended, bool Exact)
{
    /// <summary>Where the record is, for <see cref="ShardReader.IsCurrent"/>.</summary>
    /// <param name="hash">The hash of its key.</param>
    public RecordPlace PlaceOf(ulong hash) => new(hash, Version, Address, Generation, Extended);
}

/// <summary>
/// A stored version in its place, found by the hash alone. Within a shard a pair of address and generation never comes again (until 2^31 segments were recycled), so that the
/// same place with the same version is the same record.
/// </summary>
internal readonly record struct RecordPlace(ulong Hash, long Version, uint Address, int Generation, bool Extended);
