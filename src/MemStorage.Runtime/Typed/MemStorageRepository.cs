using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemoryPack;
using MemStorage.Keys;
using MemStorage.Storage;
using MemStorage.Typed;

namespace MemStorage;

/// <summary>
/// What a generated repository stands on: keys become bytes on the stack, entities are serialized by MemoryPack into a buffer of the thread, the
/// store copies them once. A write and a no-copy hit allocate nothing, a read nothing but the entity. Any number of repositories
/// of one entity over one store share their state.
/// </summary>
/// <inheritdoc cref="IMemStorageRepository{TKey, TEntity}"/>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TEntity">The entity.</typeparam>
/// <typeparam name="TTraits">What the generator knows about the entity; a struct, so that the compiler specialises the code.</typeparam>
public abstract partial class MemStorageRepository<TKey, TEntity, TTraits> : IMemStorageRepository<TKey, TEntity>, ISpanRepository<TKey, TEntity>
    where TKey : notnull
    where TEntity : notnull, IMemoryPackable<TEntity>
    where TTraits : struct, IEntityTraits<TKey, TEntity>
{
    // enough for every key but long strings, and for most entities
    private const int KeyBuffer = 128;
    private const int ValueBuffer = 512;

    private readonly EntitySpace<TKey, TEntity> _space;
    private readonly EntityDescriptor _descriptor;

    /// <summary>Creates a repository over a store.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="store"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.KeySpaceConflict"/>) another entity of the store has the same name.</exception>
    protected MemStorageRepository(MemStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        EntityCodec<TEntity>.Register();
        _descriptor = TTraits.Descriptor;
        _space = EntitySpace<TKey, TEntity>.Of(store, _descriptor);
        Store = store;
    }

    /// <inheritdoc/>
    public MemStore Store { get; }

    /// <inheritdoc/>
    public KeySpace KeySpace => _space.Space;

    /// <inheritdoc/>
    public long Count => Store.CountOf(_space.Space);

    /// <inheritdoc/>
    public long ShapeMismatches => _space.Space.ShapeMismatches;

    internal EntitySpace<TKey, TEntity> State => _space;

    /// <summary>The name of the entity's key space.</summary>
    public override string ToString() => $"{_space.Space.Name} in {Store.Name}";

    private KeyWriter WriteKey(Span<byte> buffer, TKey key)
    {
        if (!typeof(TKey).IsValueType && key is null)
            ThrowNullKey();
        KeyWriter writer = new(buffer, _space.Space.Prefix);
        try
        {
            TTraits.WriteKey(ref writer, key);
            if (writer.Length == KeySpace.PrefixLength)
                ThrowEmptyKey();
            writer.ThrowIfTooLong();
            return writer;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary><see cref="TryReadEntity(ReadOnlySpan{byte}, out TEntity, out RecordInfo, out bool)"/> of a key in registers: nearly always the straight way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadStraight(PairKey key, [MaybeNullWhen(false)] out TEntity entity, out ItemInfo info, out bool fixedLife)
    {
        EntityBuffer buffer = EntityBuffer.OfThread();
        int length = Store.CopyStraight(key, _space.Space, buffer.Whole, ref buffer.LastCounted, out info);
        if (length < 0)
            return TryReadWhole(key, out entity, out info, out fixedLife);
        if (!EntityCodec<TEntity>.TryDecode(buffer, buffer.Whole[..length], _descriptor, out entity, out fixedLife))
        {
            CountShapeMismatch();
            return false;
        }
        TTraits.SetVersion(ref entity!, info.Version);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadWhole(PairKey key, [MaybeNullWhen(false)] out TEntity entity, out ItemInfo info, out bool fixedLife)
    {
        bool found = TryReadEntity(key, straight: false, out entity, out RecordInfo record, out fixedLife);
        info = new ItemInfo(record.Version, record.ExpireAt);
        return found;
    }

    /// <summary>Reads and decodes; a record of another shape is a counted miss.</summary>
    private bool TryReadEntity(ReadOnlySpan<byte> key, [MaybeNullWhen(false)] out TEntity entity, out RecordInfo info, out bool fixedLife) =>
        TryReadEntity(key, straight: true, out entity, out info, out fixedLife);

    /// <inheritdoc cref="TryReadEntity(ReadOnlySpan{byte}, out TEntity, out RecordInfo, out bool)"/>
    /// <param name="straight">False: the index was looked at once already, and the quick look found nothing; a second one would be a third for a miss.</param>
#pragma warning disable CS1573 // the others need no words
    private bool TryReadEntity(ReadOnlySpan<byte> key, bool straight, [MaybeNullWhen(false)] out TEntity entity, out RecordInfo info, out bool fixedLife)
#pragma warning restore CS1573
    {
        if (!ShortKey.Fits(key.Length))
            return TryReadEntity(new LongKey(key), straight, out entity, out info, out fixedLife);
        ShortKey words = ShortKey.Of(key);
        return TryReadEntity(words, straight, out entity, out info, out fixedLife);
    }

    /// <inheritdoc cref="TryReadEntity(ReadOnlySpan{byte}, out TEntity, out RecordInfo, out bool)"/>
    private bool TryReadEntity<TLookup>(scoped in TLookup key, bool straight, [MaybeNullWhen(false)] out TEntity entity, out RecordInfo info, out bool fixedLife)
        where TLookup : struct, ILookupKey, allows ref struct
    {
        EntityBuffer buffer = EntityBuffer.OfThread();
        ScratchBuffer scratch = new(buffer.Whole);
        bool decoded;
        try
        {
            int length;
            if (!(straight ? Store.Read(key, _space.Space, ref scratch, out length, out info) : Store.ReadWhole(key, _space.Space, ref scratch, out length, out info)))
            {
                entity = default;
                fixedLife = false;
                return false;
            }
            decoded = EntityCodec<TEntity>.TryDecode(buffer, scratch.Span[..length], _descriptor, out entity, out fixedLife);
        }
        finally
        {
            scratch.Dispose();
        }
        if (!decoded)
        {
            CountShapeMismatch();
            return false;
        }
        TTraits.SetVersion(ref entity!, info.Version);
        return true;
    }

    /// <summary>
    /// The same for a look that is no access (<see cref="MemStore.Peek"/>): who looks over everything has asked for none of it, so it is no hit, keeps nothing from being evicted and
    /// prolongs no life.
    /// </summary>
    private bool TryPeekEntity(ReadOnlySpan<byte> key, [MaybeNullWhen(false)] out TEntity entity)
    {
        EntityBuffer buffer = EntityBuffer.OfThread();
        ScratchBuffer scratch = new(buffer.Whole);
        try
        {
            entity = default;
            if (!Store.Peek(key, ref scratch, out int length, out RecordInfo info))
                return false;
            if (!EntityCodec<TEntity>.TryDecode(buffer, scratch.Span[..length], _descriptor, out entity, out _))
            {
                _space.Space.CountShapeMismatch();
                Store.CountShapeMismatchOfPeek(_space.Space);
                return false;
            }
            TTraits.SetVersion(ref entity!, info.Version);
            return true;
        }
        finally
        {
            scratch.Dispose();
        }
    }

    private void CountShapeMismatch()
    {
        _space.Space.CountShapeMismatch();
        Store.CountShapeMismatch(_space.Space);
    }

    [DoesNotReturn]
    private static void ThrowNullKey() => throw new ArgumentNullException("key");

    [DoesNotReturn]
    private static void ThrowEmptyKey() => throw new ArgumentException("The key is empty; 1 to 65,535 bytes of UTF-8, prefix included, are allowed.", "key");

    [DoesNotReturn]
    private static void ThrowNotFound(TKey key) =>
        throw new MemStorageException(MemStorageError.NotFound, $"There is no {typeof(TEntity).Name} with the key '{key}'.", key.ToString());
}
