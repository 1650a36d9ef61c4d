using System.Runtime.InteropServices;

namespace MemStorage.Storage;

// Loads under way, and what beats them.
internal sealed partial class Shard
{
    private readonly Dictionary<ulong, LoadTicket> _loads = [];

    /// <summary>The loads under way, for tests.</summary>
    internal int LoadsUnderWay
    {
        get
        {
            using (Enter())
                return _loads.Count;
        }
    }

    /// <summary>A load begins. Its version is taken here, under the lock: whatever comes later is newer, and is noted.</summary>
    public LoadTicket BeginLoad(ulong hash)
    {
        using (EnterToWrite())
        {
            ThrowIfClosed();
            FaultPoint.Allocation();
            LoadTicket ticket = new(this, hash, _store.Clock.Next());
            ref LoadTicket? first = ref CollectionsMarshal.GetValueRefOrAddDefault(_loads, hash, out _);
            ticket.Next = first;
            first = ticket;
            return ticket;
        }
    }

    /// <summary>A load ends, however: whoever interrupts its thread must not leave the ticket behind.</summary>
    public void EndLoad(LoadTicket ticket)
    {
        using (EnterUninterrupted())
        {
            ref LoadTicket first = ref CollectionsMarshal.GetValueRefOrNullRef(_loads, ticket.Hash);
            if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref first))
                return;
            if (first == ticket)
            {
                if (ticket.Next is null)
                    _loads.Remove(ticket.Hash);
                else
                    first = ticket.Next;
                return;
            }
            for (LoadTicket? at = first; at is not null; at = at.Next)
            {
                if (at.Next == ticket)
                    at.Next = ticket.Next;
            }
        }
    }

    /// <summary>A key has reached a version: loads that began before must not be stored.</summary>
    private void BeatLoads(ulong hash, long version)
    {
        if (_loads.Count == 0 || !_loads.TryGetValue(hash, out LoadTicket? ticket))
            return;
        for (; ticket is not null; ticket = ticket.Next)
            ticket.IsBeaten |= ticket.Version < version;
    }

    private void BeatAllLoads()
    {
        foreach (LoadTicket first in _loads.Values)
        {
            for (LoadTicket? ticket = first; ticket is not null; ticket = ticket.Next)
                ticket.IsBeaten = true;
        }
    }
}
