using System.ComponentModel;

namespace MemStorage;

public sealed partial class MemStore
{
    // one slot per repository type of the process; replaced as a whole when it grows, so that readers need no lock
    private object?[] _repositories = [];
    private readonly Lock _repositoriesLock = new();

    /// <summary>The one repository of its type over this store; what the generated <c>store.Orders()</c> calls.</summary>
    /// <typeparam name="TRepository">The generated repository.</typeparam>
    /// <param name="create">Creates it on the first call; may run more than once when first calls race, and then one result is kept.</param>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.KeySpaceConflict"/>) another entity has the same key space.</exception>
    [EditorBrowsable(EditorBrowsableState.Advanced)]
    public TRepository GetRepository<TRepository>(Func<MemStore, TRepository> create)
        where TRepository : class
    {
        object?[] repositories = Volatile.Read(ref _repositories);
        int slot = RepositorySlot<TRepository>.Index;
        return slot < repositories.Length && repositories[slot] is TRepository known ? known : AddRepository(slot, create);
    }

    private TRepository AddRepository<TRepository>(int slot, Func<MemStore, TRepository> create)
        where TRepository : class
    {
        ArgumentNullException.ThrowIfNull(create);
        ThrowIfClosed();
        TRepository created = create(this); // outside the lock: it is the caller's code
        lock (_repositoriesLock)
        {
            object?[] repositories = _repositories;
            if (slot < repositories.Length && repositories[slot] is TRepository known)
                return known;
            object?[] grown = new object?[Math.Max(slot + 1, repositories.Length)];
            repositories.CopyTo(grown, 0);
            grown[slot] = created;
            Volatile.Write(ref _repositories, grown);
            return created;
        }
    }

    private static class RepositorySlots
    {
        private static int s_last = -1;

        public static int Next() => Interlocked.Increment(ref s_last);
    }

    private static class RepositorySlot<TRepository>
    {
        public static readonly int Index = RepositorySlots.Next();
    }
}
