namespace MemStorage.Storage;

/// <summary>What a read learned about a record besides its value.</summary>
internal readonly record struct RecordInfo(long Version, long ExpireAt, uint Address, int Generation, int Origin = 0)
{
    /// <summary>Whether <paramref name="other"/> denotes the same stored version in the same place: an instance decoded from it is still current.</summary>
    public bool SamePlace(in RecordInfo other) => Version == other.Version && Address == other.Address && Generation == other.Generation;
}
