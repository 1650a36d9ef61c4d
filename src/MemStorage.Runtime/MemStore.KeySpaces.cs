namespace MemStorage;

// What monitoring sees of the key spaces.
public sealed partial class MemStore
{
    /// <summary>The key spaces in use, the one of keys used directly on the store first. A snapshot.</summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public IReadOnlyList<KeySpace> KeySpaces
    {
        get
        {
            ThrowIfClosed();
            return [RawSpace, .. _spaces.Named.OrderBy(static s => s.Id)];
        }
    }

    /// <summary>The statistics of one space.</summary>
    internal MemStoreStats StatsOf(KeySpace space)
    {
        ThrowIfClosed();
        return _engine.Statistics(space);
    }
}
