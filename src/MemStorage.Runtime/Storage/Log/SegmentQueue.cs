using MemStorage.Storage.Eviction;

namespace MemStorage.Storage.Log;

/// <summary>The closed and open segments of one log in the order of their age, linked through <see cref="SegmentInfo"/>.</summary>
internal struct SegmentQueue(LogKind kind)
{
    public readonly LogKind Kind => kind;

    /// <summary>The segment id of the oldest; 0: empty.</summary>
    public int Oldest;
    public int Newest;
    public int Count;
    public long Bytes;

    public void Append(SegmentInfo[] infos, int id, long bytes)
    {
        ref SegmentInfo info = ref infos[id];
        info.Log = kind;
        info.Older = Newest;
        info.Newer = 0;
        if (Newest != 0)
            infos[Newest].Newer = id;
        else
            Oldest = id;
        Newest = id;
        Count++;
        Bytes += bytes;
    }

    public void Remove(SegmentInfo[] infos, int id, long bytes)
    {
        ref SegmentInfo info = ref infos[id];
        if (info.Older != 0)
            infos[info.Older].Newer = info.Newer;
        else
            Oldest = info.Newer;
        if (info.Newer != 0)
            infos[info.Newer].Older = info.Older;
        else
            Newest = info.Older;
        info.Older = info.Newer = 0;
        Count--;
        Bytes -= bytes;
    }
}
