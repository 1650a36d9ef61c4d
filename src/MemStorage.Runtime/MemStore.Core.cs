using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemStorage.Keys;
using MemStorage.Storage;
using MemStorage.Typed;

namespace MemStorage;

// What typed repositories and key spaces stand on: full keys (prefix included) as spans, no strings, no copies.
public sealed partial class MemStore
{
    /// <summary>Stores; the out version is what is stored now, or the winner's when refused.</summary>
    internal WriteOutcome Write(ReadOnlySpan<byte> key, KeySpace space, ReadOnlySpan<byte> value, in WriteRequest request, out long version) =>
        Write(key, _engine.HashOf(key), space, value, request, out version);

    /// <inheritdoc cref="Write(ReadOnlySpan{byte}, KeySpace, ReadOnlySpan{byte}, in WriteRequest, out long)"/>
    /// <param name="hash">The hash of the key, for callers that have it.</param>
#pragma warning disable CS1573 // the others' texts are inherited
    internal WriteOutcome Write(ReadOnlySpan<byte> key, ulong hash, KeySpace space, ReadOnlySpan<byte> value, in WriteRequest request, out long version)
#pragma warning restore CS1573
    {
        if (Volatile.Read(ref _watchedUpdates) != 0)
            WatchedUpdate.ThrowIfUpdated(space, key);
        if (IsRefused(StoreOperation.Write))
            return Refuse(key, space, request, out version);
        if (request.Version != 0)
            ObserveVersion(request.Version);
        return _engine.Write(key, hash, space, value, request, out version);
    }

    /// <summary>An <c>Update</c> that has lost a try wants to know whether its function writes the key: <see cref="WatchedUpdate"/>.</summary>
    internal void BeginWatching() => Interlocked.Increment(ref _watchedUpdates);

    internal void EndWatching() => Interlocked.Decrement(ref _watchedUpdates);

    /// <summary>Deletes, leaving a tombstone; the out version is the tombstone's, or the winner's when refused.</summary>
    internal DeleteResult Remove(ReadOnlySpan<byte> key, KeySpace space, in WriteRequest request, out long version)
    {
        _ = IsRefused(StoreOperation.Delete);
        if (request.Version != 0)
            ObserveVersion(request.Version);
        return _engine.Remove(key, space, request, out version);
    }

    /// <summary>Copies the decompressed value into <paramref name="scratch"/>.</summary>
    internal bool Read(ReadOnlySpan<byte> key, KeySpace space, ref ScratchBuffer scratch, out int length, out RecordInfo info)
    {
        _ = IsRefused(StoreOperation.Read);
        return _engine.Read(key, space, ref scratch, out length, out info) || MissUnlessClosed();
    }

    /// <inheritdoc cref="Read(ReadOnlySpan{byte}, KeySpace, ref ScratchBuffer, out int, out RecordInfo)"/>
    internal bool Read<TKey>(scoped in TKey key, KeySpace space, ref ScratchBuffer scratch, out int length, out RecordInfo info)
        where TKey : struct, ILookupKey, allows ref struct
    {
        _ = IsRefused(StoreOperation.Read);
        return _engine.Read(key, key.Hash(_engine.HashSeed), space, ref scratch, out length, out info) || MissUnlessClosed();
    }

    /// <summary><see cref="Read{TKey}"/> for callers that have tried the straight way.</summary>
    internal bool ReadWhole<TKey>(scoped in TKey key, KeySpace space, ref ScratchBuffer scratch, out int length, out RecordInfo info)
        where TKey : struct, ILookupKey, allows ref struct
    {
        _ = IsRefused(StoreOperation.Read);
        return _engine.ReadWhole(key, key.Hash(_engine.HashSeed), space, ref scratch, out length, out info) || MissUnlessClosed();
    }

    /// <summary>Copies the decompressed value into <paramref name="destination"/> when it fits; only then it counts as a read.</summary>
    internal bool TryCopy<TKey>(scoped in TKey key, KeySpace space, Span<byte> destination, out int length, out ItemInfo info)
        where TKey : struct, ILookupKey, allows ref struct
    {
        _ = IsRefused(StoreOperation.Read);
        return Copied(_engine.TryCopy(key, key.Hash(_engine.HashSeed), space, destination, out length, out info), space, length, destination);
    }

    /// <summary><see cref="TryCopy"/> for callers that have tried the straight way.</summary>
    private bool TryCopyWhole<TKey>(scoped in TKey key, Span<byte> destination, out int length, out ItemInfo info)
        where TKey : struct, ILookupKey, allows ref struct
    {
        _ = IsRefused(StoreOperation.Read);
        return Copied(_engine.TryCopyWhole(key, key.Hash(_engine.HashSeed), RawSpace, destination, out length, out info), RawSpace, length, destination);
    }

    private bool Copied(bool found, KeySpace space, int length, ReadOnlySpan<byte> destination)
    {
        if (!found)
            return MissUnlessClosed();
        if (length > destination.Length)
            _engine.Reads.Uncount(space.Id); // the caller comes again
        return true;
    }

    /// <summary>
    /// The straight way to a copy (<see cref="ShardReader.CopyStraight"/>), for typed reads.
    /// </summary>
    /// <returns>The length, counted as a read; or <see cref="ShardReader.Unclear"/>, and nothing was counted or asked at the gate.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)] // see TryGet: what it inlines is more than a caller has room for
    internal int CopyStraight<TKey>(scoped TKey key, KeySpace space, Span<byte> destination, ref Statistics.ReadCounters.Cell? last, out ItemInfo info)
        where TKey : struct, ILookupKey, allows ref struct
    {
        if (IsGated)
        {
            info = default;
            return ShardReader.Unclear;
        }
        int length = _engine.CopyStraight(key, space.Id, destination, ref last, out long version, out long expireAt);
        info = new ItemInfo(version, expireAt);
        return length;
    }

    /// <summary>Finds the record without touching its value; counts as a read.</summary>
    internal bool TryLocate(ReadOnlySpan<byte> key, KeySpace space, out RecordInfo info)
    {
        _ = IsRefused(StoreOperation.Read);
        return _engine.TryLocate(key, space, out info) || MissUnlessClosed();
    }

    /// <summary>Reads for somebody who did not ask for this key (enumerations, searches, checks before a write): no access, for neither statistics nor eviction.</summary>
    internal bool Peek(ReadOnlySpan<byte> key, ref ScratchBuffer scratch, out int length, out RecordInfo info)
    {
        _ = IsRefused(StoreOperation.Read);
        return _engine.Peek(key, ref scratch, out length, out info) || MissUnlessClosed();
    }

    /// <summary>A load of the key begins; the ticket is disposed of when it has ended.</summary>
    internal LoadTicket BeginLoad(ReadOnlySpan<byte> key)
    {
        ThrowIfClosed();
        return _engine.BeginLoad(key);
    }

    internal ulong HashOf(ReadOnlySpan<byte> key) => _engine.HashOf(key);

    /// <summary>Whether the record that a read found before is still what its key has (<see cref="ShardReader.IsCurrent"/>); false in doubt. Counts as a read when true.</summary>
    internal bool IsCurrent(in RecordPlace place, KeySpace space, out long expireAt)
    {
        _ = IsRefused(StoreOperation.Read);
        return _engine.IsCurrent(place, space, out expireAt);
    }

    /// <summary>A view of the stored bytes that stays valid for as long as it is held.</summary>
    internal bool ReadNoCopy<TKey>(scoped in TKey key, KeySpace space, out ReadOnlyMemory<byte> value, out RecordInfo info)
        where TKey : struct, ILookupKey, allows ref struct
    {
        _ = IsRefused(StoreOperation.Read);
        return _engine.ReadNoCopy(key, space, out value, out info) || MissUnlessClosed();
    }

    /// <summary>
    /// Changes the expiry (Unix milliseconds, 0: never) of a live entry; version and change log stay as they are. With <paramref name="expectedVersion"/> (0: any) a write
    /// between a read and its touch keeps its own expiry. <paramref name="exact"/>: somebody has named this expiry, see <see cref="RecordInfo.Exact"/>.
    /// </summary>
    internal bool Touch(ReadOnlySpan<byte> key, long expireAt, long expectedVersion = 0, bool exact = false)
    {
        _ = IsRefused(StoreOperation.Touch);
        return _engine.Touch(key, expireAt, expectedVersion, exact);
    }

    /// <summary>The full keys of the live entries of a space, without stopping writers.</summary>
    internal IEnumerable<byte[]> ScanKeys(KeySpace space)
    {
        ThrowIfClosed();
        return _engine.Scan(space, withValues: false).Select(static r => r.Key);
    }

    /// <summary>The live entries of a space (expired ones count until they are swept).</summary>
    internal long CountOf(KeySpace space)
    {
        ThrowIfClosed();
        return _engine.Count(space);
    }

    /// <summary>Registers who is told of every record of a space; before the space is used.</summary>
    internal void Observe(KeySpace space, IRecordObserver observer) => _spaces.Observe(space, observer);

    /// <summary>The bound, for structures of typed repositories: <see cref="MemoryBudget.TryReserveSecondary"/>.</summary>
    internal MemoryBudget Budget => _engine.Store.Budget;

    /// <summary>Reserves bytes of the bound for a structure of a typed repository, evicting entries where there is no room. Not under a shard's lock.</summary>
    internal bool TryReserveSecondary(long bytes)
    {
        ThrowIfClosed();
        return _engine.TryReserveSecondary(bytes);
    }

    /// <summary>A typed read met a record of another shape: it counts as a miss.</summary>
    internal void CountShapeMismatch(KeySpace space) => _engine.Reads.CountShapeMismatch(space.Id, wasRead: true);

    /// <summary>A <see cref="Peek"/> met a record of another shape: that it was met is told, a read it was not.</summary>
    internal void CountShapeMismatchOfPeek(KeySpace space) => _engine.Reads.CountShapeMismatch(space.Id, wasRead: false);

    /// <summary>The store's versions stay ahead of every version written; one too far ahead of the wall clock is refused before anything changes.</summary>
    private void ObserveVersion(long version)
    {
        if (!Clock.TryObserveOwn(version))
            ThrowDrift(version);
    }

    /// <summary>The same for a version that another store has given.</summary>
    private void ObserveForeignVersion(long version)
    {
        if (!Clock.TryObserve(version))
            ThrowDrift(version);
    }

    [DoesNotReturn]
    private void ThrowDrift(long version) => throw new MemStorageException(
        MemStorageError.ClockDrift, $"Version {version} is too far ahead of the wall clock; 1 to {Clock.MaxAcceptable} are acceptable now (MaxClockDrift).");

    /// <summary>A store that was closed while it was read must not look like a store without the key.</summary>
    private bool MissUnlessClosed()
    {
        if (!TestHooks.SkipClosedCheck)
            ThrowIfClosed();
        return false;
    }
}
