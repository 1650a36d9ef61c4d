namespace MemStorage.Typed;

/// <summary>Where an index takes its bytes from: the store's bound. Thread-safe.</summary>
internal interface IMemoryReservation
{
    /// <summary>Makes sure that some bytes can be taken; to be called before any lock is.</summary>
    void FillUp();

    /// <summary>Takes bytes, or none.</summary>
    bool TryReserve(long bytes);

    void Release(long bytes);
}
