namespace MemStorage.Storage;

/// <summary>
/// Is told of every record of one key space that enters or leaves the index: what secondary indexes stand on. Called under the shard's lock, so it must be
/// short, must not call the store, and must not throw (an exception is swallowed and counted; the record operation stands).
/// </summary>
internal interface IRecordObserver
{
    /// <summary>A live value is stored under the key (a new or a changed one).</summary>
    /// <param name="key">The full key, prefix included.</param>
    /// <param name="version">The version.</param>
    void OnStored(ReadOnlySpan<byte> key, long version);

    /// <summary>The live value under the key is gone.</summary>
    void OnRemoved(ReadOnlySpan<byte> key, RemovalReason reason);
}
