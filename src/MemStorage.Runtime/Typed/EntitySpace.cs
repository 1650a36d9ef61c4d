using MemStorage.Storage;

namespace MemStorage.Typed;

/// <summary>
/// What all repositories of one entity over one store share; the owner of the key space, so that a second type under its name is noticed.
/// </summary>
internal sealed class EntitySpace<TKey, TEntity> : IKeySpaceOwner
    where TKey : notnull
    where TEntity : notnull
{
    private readonly string _closedStore; // made beforehand: closing needs no memory

    private EntitySpace(KeySpace space, EntityDescriptor descriptor)
    {
        Space = space;
        _closedStore = $"{nameof(MemStore)} '{space.Store.Name}'";
        Descriptor = descriptor;
        Shared = descriptor.SharedInstances > 0 ? new SharedInstances<TKey, TEntity>(descriptor.SharedInstances) : null;
        // last, and without a way to fail after it: a space has one observer for ever
        if (descriptor.Indexes.Count > 0)
            Indexes = Observe(space, descriptor.Indexes.Count);
    }

    public KeySpace Space { get; }

    public EntityDescriptor Descriptor { get; }

    public SharedInstances<TKey, TEntity>? Shared { get; }

    public SingleFlight<TKey> Flights { get; } = new();

    /// <summary>The secondary indexes; null for an entity without.</summary>
    public EntityIndexes? Indexes { get; }

    public static EntitySpace<TKey, TEntity> Of(MemStore store, EntityDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(store);
        KeySpace space = store.GetKeySpace(descriptor.Name);
        lock (space.OwnerLock)
        {
            space.Owner ??= new EntitySpace<TKey, TEntity>(space, descriptor);
            if (store.IsClosed) // while this one was made: closing has not seen it, or does so when this lock is free
                (space.Owner as IKeySpaceOwner)?.Close();
            return space.Owner as EntitySpace<TKey, TEntity> ?? throw new MemStorageException(
                MemStorageError.KeySpaceConflict,
                $"The key space '{space.Name}' of the store '{store.Name}' is in use by {space.Owner}; {typeof(TEntity)} with keys of {typeof(TKey)} needs a name of its own ([MemStorageEntity(Name = …)]).");
        }
    }

    private static EntityIndexes Observe(KeySpace space, int indexes)
    {
        MemStore store = space.Store;
        int chunk = EntityIndexes.ChunkBytesFor(store.Budget.Limit);
        FaultPoint.Allocation();
        EntityIndexes created = new(indexes, new IndexMemory(store, 4L * chunk), store.Budget.Limit);
        store.Observe(space, new IndexObserver(created));
        // what was written before, and what is being written by somebody who has not seen the observer yet, counts by now
        try
        {
            if (store.CountOf(space) > 0)
                created.MarkStale();
        }
        catch (Exception)
        {
            created.MarkStale(); // not known: the first search looks
        }
        return created;
    }

    public long IndexScans => Indexes?.Scans ?? 0;

    public void Validate() => Indexes?.Validate(Space.Store.ScanKeys(Space), Space.Store.CountOf(Space));

    public void Close() => Flights.CloseAll(_closedStore);

    public override string ToString() => $"{typeof(TEntity)} with keys of {typeof(TKey)}";
}
