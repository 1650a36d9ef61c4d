namespace MemStorage.Storage;

/// <summary>
/// Is told of every record of one key space that enters or leaves the index: what secondary indexes stand on. Called under the shard's lock, so it must be
/// short and must not call the store. When it throws the record operation stands: the fault is counted, and the observer is told that it has missed something (<see cref="OnFault"/>).
/// </summary>
internal interface IRecordObserver
{
    /// <summary>A live value is stored under the key (a new or a changed one).</summary>
    /// <param name="key">The full key, prefix included.</param>
    /// <param name="version">The version.</param>
    void OnStored(ReadOnlySpan<byte> key, long version);

    /// <summary>The live value under the key is gone.</summary>
    void OnRemoved(ReadOnlySpan<byte> key, RemovalReason reason);

    /// <summary>One of the other two has thrown for this key: what is kept about it is not true any more, and has to be found out anew. Must not throw.</summary>
    /// <param name="key">The full key, prefix included.</param>
    void OnFault(ReadOnlySpan<byte> key);
}
