namespace MemStorage;

// What monitoring sees of the key spaces.
public sealed partial class MemStore
{
    /// <summary>The key spaces in use, in the order of their first use, the one of keys used directly on the store first. A snapshot.</summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public IReadOnlyList<KeySpace> KeySpaces
    {
        get
        {
            lock (_spacesLock)
            {
                ThrowIfClosed();
                return [RawSpace, .. _spaces.Values];
            }
        }
    }

    /// <summary>The statistics of one space.</summary>
    internal MemStoreStats StatsOf(KeySpace space) => new() { KeyCount = CountOf(space) };
}
