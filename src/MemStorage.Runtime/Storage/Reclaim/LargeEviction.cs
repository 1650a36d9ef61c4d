using MemStorage.Storage.Eviction;
using MemStorage.Storage.Index;
using MemStorage.Storage.Log;

namespace MemStorage.Storage.Reclaim;

/// <summary>Eviction of values that have a segment of their own: nothing is copied, one of them stays or goes. Guarded by the shard's lock.</summary>
internal sealed class LargeEviction(Shard shard)
{
    /// <summary>How many segments are looked at for a large value of the right size.</summary>
    private const int MostLooks = 64;

    private SegmentLog Log => shard.Log;

    private StoreContext Store => shard.Store;

    /// <summary>
    /// In turn: as long as the policy's next victim is a large value whose array has the wanted length, it is judged as any other, until one goes. Where large values are of
    /// about one size that is always so, and they are evicted by the policy alone. False: the next victim is something else.
    /// </summary>
    public bool EvictInTurn(int least, long most)
    {
        shard.EnsureGhost();
        int mainReclaims = 0;
        for (int looks = 0; looks < MostLooks; looks++)
        {
            OccupancyView view = shard.Occupancy();
            VictimKind kind = shard.Policy.ChooseVictim(view, mainReclaims);
            int id = shard.OldestOf(kind);
            if (id == 0 || !Log.IsOversize(id) || Log.BytesOf(id) < least || Log.BytesOf(id) > most)
                return false;
            if (kind == VictimKind.RelabelSmallOldest)
            {
                Log.RelabelAsMain(id);
                continue;
            }
            if (kind == VictimKind.MainOldest)
                mainReclaims++;
            shard.Policy.BeginVictim(kind, Log.Info(id).Birth);
            if (!Judge(id, view, force: false))
                return true;
        }
        return false;
    }

    /// <summary>
    /// Out of turn: evicts a large value whose array has the wanted length, so that the array can be used again as it is. Taken in turn, large values of many sizes would free
    /// arrays of any length. One of the oldest quarter of its log that was not asked for; with <paramref name="anyAge"/> the least asked for of all, the oldest of these.
    /// The log from which the policy would evict comes first.
    /// </summary>
    public bool Evict(int least, long most, bool anyAge)
    {
        LogKind first = shard.Policy.ChooseVictim(shard.Occupancy(), 0) == VictimKind.MainOldest ? LogKind.Main : LogKind.Small;
        return Evict(first, least, most, anyAge) || Evict(first == LogKind.Small ? LogKind.Main : LogKind.Small, least, most, anyAge);
    }

    private bool Evict(LogKind log, int least, long most, bool anyAge)
    {
        ref SegmentQueue queue = ref Log.Queue(log);
        int looks = Math.Min(MostLooks, anyAge ? queue.Count : (queue.Count + 3) / 4);
        int best = 0;
        int fewest = anyAge ? Slot.MaxHits + 1 : 1;
        for (int id = queue.Oldest; id != 0 && looks > 0 && fewest > 0; id = Log.Info(id).Newer, looks--)
        {
            if (!Log.IsOversize(id) || Log.BytesOf(id) < least || Log.BytesOf(id) > most)
                continue;
            int hits = Slot.Hits(SlotOf(id, out _));
            if (hits >= fewest)
                continue;
            fewest = hits;
            best = id;
        }
        if (best == 0)
            return false;
        ref ulong slot = ref SlotOf(best, out ulong hash);
        RecordView record = Log.At(best, 0);
        shard.EnsureGhost();
        bool expired = record.IsExpired(Store.Time.Now);
        if (!expired)
            TestHooks.At(TestPoint.DroppedOutOfTurn);
        shard.Drop(record, hash, ref slot, expired ? RemovalReason.Expired : RemovalReason.Capacity, log == LogKind.Small && !expired ? Log.Info(best).Birth : null);
        return true;
    }

    /// <summary>The policy decides about one, or (<paramref name="force"/>) it goes.</summary>
    /// <returns>Whether it stays.</returns>
    public bool Judge(int id, in OccupancyView view, bool force)
    {
        RecordView record = Log.At(id, 0);
        ref ulong slot = ref SlotOf(id, out ulong hash);
        LogKind log = Log.Info(id).Log;
        bool expired = record.IsExpired(shard.NowOrLast());
        int newHits = 0;
        int newTag = 0;
        Fate fate = expired || force ? Fate.Drop : shard.Policy.Judge(log, Slot.Hits(slot), record.EvictionTag, view, out newHits, out newTag, record.Size);
        if (fate == Fate.KeepInMain)
        {
            record.SetEvictionTag(newTag);
            ulong old = slot;
            Volatile.Write(ref slot, Slot.Pack(Slot.Tag(old), newHits, Slot.Address(old)));
            Log.Info(id).Birth = shard.Policy.Clock; // as the segment into which a smaller one would have been copied
            Log.RelabelAsMain(id);
            return true;
        }
        if (force && !expired)
            TestHooks.At(TestPoint.DroppedByForce);
        shard.Drop(record, hash, ref slot, expired ? RemovalReason.Expired : RemovalReason.Capacity, fate == Fate.DropAndRemember ? Log.Info(id).Birth : null);
        return false;
    }

    private ref ulong SlotOf(int id, out ulong hash)
    {
        hash = shard.HashOf(Log.At(id, 0).Key);
        return ref shard.FindSlotByAddress(Slot.TagOf(hash), Log.AddressOf(id, 0));
    }
}
