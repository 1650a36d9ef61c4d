namespace MemStorage.Storage;

// Room in the index for a new key.
internal sealed partial class Shard
{
    /// <summary>Room for one more slot in the table of <paramref name="tag"/>; grows it where the bound allows, else makes room by reclaiming.</summary>
    private bool EnsureIndexRoom(uint tag, ref bool reclaimed)
    {
        for (int attempt = 0; ; attempt++)
        {
            long bytes = Index.GrowthBytes(tag);
            if (bytes == 0)
                return true;
            if (TryGrowIndex(tag, bytes))
                continue; // a split may leave this half full: look again
            // past the comfortable load probes grow longer, but they end
            if (Index.HasRoom(tag))
                return true;
            if (attempt == 64)
                return false;
            reclaimed = true;
            if (!_reclaimer.GiveBack(force: attempt > 8))
                return Index.HasRoom(tag);
        }
    }

    private bool EnsureIndexRoomWithoutReclaim(uint tag) => Index.HasRoom(tag) || (Index.GrowthBytes(tag) is var bytes && TryGrowIndex(tag, bytes));

    /// <summary>Throws <see cref="OutOfMemoryException"/> before anything changes.</summary>
    private bool TryGrowIndex(uint tag, long bytes)
    {
        if (!TryTake(bytes))
            return false;
        long grown;
        try
        {
            TestHooks.At(TestPoint.IndexBeforeGrow);
            grown = Index.Grow(tag);
        }
        catch
        {
            _store.Budget.Release(bytes);
            throw;
        }
        TestHooks.At(TestPoint.IndexAfterGrow);
        _store.Budget.Discard(bytes - grown);
        return true;
    }
}
