using System.Runtime.CompilerServices;
using MemStorage.Storage.Index;
using MemStorage.Storage.Log;
using MemStorage.Versions;

namespace MemStorage.Storage;

// Whether a write replaces what is there.
internal sealed partial class Shard
{
    /// <summary>
    /// The verdict that a write would meet now, for one that has to make room outside this lock before it comes in: what is refused must not take room from others. A refusal is counted; it is
    /// the write's answer.
    /// </summary>
    public bool IsRefused(
        ReadOnlySpan<byte> key, ulong hash, KeySpace space, in PreparedValue value, in WriteRequest request, out WriteOutcome outcome, out long version)
    {
        using (EnterToWrite())
        {
            ThrowIfClosed();
            EnsureUsage(space.Id);
            ref ulong slot = ref FindSlot(hash, key);
            outcome = Unsafe.IsNullRef(ref slot)
                ? JudgeAbsent(hash, request, out version)
                : JudgePresent(Log.At(Slot.Address(slot)), value, request, tombstone: false, out version);
            if (outcome == WriteOutcome.Stored)
                return false;
            CountWrite(space, outcome);
            return true;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WriteOutcome JudgeAbsent(ulong hash, in WriteRequest request, out long version)
    {
        version = 0;
        if (request.Condition == WriteCondition.ExpectedVersion)
            return WriteOutcome.NotFound;
        version = request.Version;
        if (request.Load is { IsBeaten: true })
            return WriteOutcome.Superseded;
        if (version == 0)
        {
            version = _store.Clock.Next();
            return WriteOutcome.Stored;
        }
        if (RemembersNewer(hash, version, out long remembered))
        {
            version = remembered;
            return WriteOutcome.Superseded;
        }
        if (request.Condition == WriteCondition.Replicated && version <= VersionFloor && !request.Authoritative)
        {
            version = VersionFloor;
            return WriteOutcome.Superseded;
        }
        return WriteOutcome.Stored;
    }

    private WriteOutcome JudgePresent(in RecordView current, in PreparedValue value, in WriteRequest request, bool tombstone, out long version)
    {
        bool needsTime = current.ExpireAt != 0 || request.ExpireAt != 0;
        long now = needsTime ? _store.Time.Now : 0;
        bool expired = !current.IsTombstone && current.IsExpired(now);
        bool live = !current.IsTombstone && !expired;
        version = current.Version;
        switch (request.Condition)
        {
            case WriteCondition.ExpectedVersion when !live:
                return WriteOutcome.NotFound;
            case WriteCondition.ExpectedVersion when current.Version != request.ExpectedVersion:
            case WriteCondition.Absent when live:
            case WriteCondition.Load when request.Load!.IsBeaten:
                return WriteOutcome.Superseded;
        }
        long incoming = request.Version == 0 ? _store.Clock.Next() : request.Version;
        bool wins = request.Condition == WriteCondition.Replicated
            ? WinsReplicated(current, value, request, tombstone)
            : ConflictRule.Replaces(current.Version, expired, incoming, !tombstone && request.ExpireAt != 0 && request.ExpireAt <= now);
        if (!wins)
            return WriteOutcome.Superseded;
        version = incoming;
        return WriteOutcome.Stored;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool WinsReplicated(in RecordView current, in PreparedValue value, in WriteRequest request, bool tombstone)
    {
        if (request.Version != current.Version)
            return request.Version > current.Version;
        ReadOnlySpan<byte> content = current.IsTombstone ? default
            : current.IsCompressed ? Compression.ValueCompressor.Decompress(current.Value) : current.Value;
        return ConflictRule.ReplacesRemote(
            new ConflictRule.Side
            {
                Version = current.Version,
                Origin = current.Origin,
                Tombstone = current.IsTombstone,
                ExpireAt = current.IsTombstone ? 0 : current.ExpireAt,
                Content = content,
            },
            new ConflictRule.Side
            {
                Version = request.Version,
                Origin = request.Origin,
                Tombstone = tombstone,
                ExpireAt = tombstone ? 0 : request.ExpireAt,
                Content = value.Original,
            });
    }
}
