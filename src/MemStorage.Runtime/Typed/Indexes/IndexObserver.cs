using MemStorage.Storage;

namespace MemStorage.Typed;

/// <summary>Passes on to the indexes what the store tells of a key space.</summary>
internal sealed class IndexObserver(EntityIndexes indexes) : IRecordObserver
{
    public void OnStored(ReadOnlySpan<byte> key, long version) => indexes.OnStored(key);

    public void OnRemoved(ReadOnlySpan<byte> key, RemovalReason reason)
    {
        // an overwritten record is still there, under its new values
        if (reason != RemovalReason.Replaced)
            indexes.OnRemoved(key);
    }

    public void OnFault(ReadOnlySpan<byte> key) => indexes.OnFault(key);
}
