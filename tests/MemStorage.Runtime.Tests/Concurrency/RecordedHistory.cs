using System.Collections.Concurrent;
using System.Globalization;

namespace MemStorage.Tests.Concurrency;

/// <summary>What a recorded call did to its key.</summary>
internal enum CallKind
{
    /// <summary>A set that was stored, or a deletion that was recorded.</summary>
    Write,

    /// <summary>A write that was refused; the version is that of the winner it was told.</summary>
    Refused,

    /// <summary>A read that found the version.</summary>
    Read,

    /// <summary>A read that found nothing.</summary>
    Miss,
}

/// <summary>One call on one key, with the moments between which it ran.</summary>
internal readonly record struct Call(string Key, CallKind Kind, long Version, bool Deletes, long Started, long Ended, int Thread)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"[{Started}..{Ended}] thread {Thread}: {(Deletes ? "Delete" : Kind.ToString())} {Key} @{Version}");
}

/// <summary>
/// Records calls of many threads and checks that each key behaved as an atomic register with versions. In general that question is NP-complete (Gibbons and Korach, 1997) and
/// Wing and Gong's search answers it; here every write carries the version that orders it, so the order of the writes is known and intervals are enough:
/// <list type="number">
/// <item>writes: a write that ended before another began has the lower version;</item>
/// <item>a read returns a version whose write began before the read ended, and no newer write ended before the read began;</item>
/// <item>of two reads, one after the other, the second returns no older version;</item>
/// <item>a miss needs a moment in which the key was absent: before the first write, or after a deletion that no newer write had replaced before the read began.</item>
/// </list>
/// </summary>
internal sealed class RecordedHistory
{
    private readonly ConcurrentQueue<Call> _calls = new();
    private long _clock;

    public int Count => _calls.Count;

    public long Begin() => Interlocked.Increment(ref _clock);

    public void End(string key, CallKind kind, long version, long started, bool deletes = false) =>
        _calls.Enqueue(new Call(key, kind, version, deletes, started, Interlocked.Increment(ref _clock), Environment.CurrentManagedThreadId));

    /// <summary>For tests of the checker itself.</summary>
    public void Add(Call call) => _calls.Enqueue(call);

    /// <summary>The first contradiction, or null. <paramref name="mayEvict"/>: every miss is allowed.</summary>
    public string? FindContradiction(bool mayEvict)
    {
        foreach (IGrouping<string, Call> key in _calls.GroupBy(c => c.Key))
        {
            string? contradiction = CheckKey([.. key.OrderBy(c => c.Started)], mayEvict);
            if (contradiction is not null)
                return contradiction;
        }
        return null;
    }

    private static string? CheckKey(Call[] calls, bool mayEvict)
    {
        Call[] writes = [.. calls.Where(c => c.Kind == CallKind.Write).OrderBy(c => c.Version)];
        Dictionary<long, Call> byVersion = [];
        foreach (Call write in writes)
        {
            if (!byVersion.TryAdd(write.Version, write))
                return $"two writes with one version: {byVersion[write.Version]} and {write}";
        }
        // from the newest version down: the earliest end of any newer write
        long[] newerEnded = new long[writes.Length + 1];
        newerEnded[writes.Length] = long.MaxValue;
        for (int i = writes.Length - 1; i >= 0; i--)
        {
            if (newerEnded[i + 1] < writes[i].Started)
                return $"{writes[i]} began after a newer version had been written";
            newerEnded[i] = Math.Min(newerEnded[i + 1], writes[i].Ended);
        }
        long readEnded = 0, readVersion = 0;
        PriorityQueue<Call, long> running = new();
        foreach (Call call in calls)
        {
            // of the reads that ended before this call began, the newest version
            while (running.TryPeek(out Call ended, out long end) && end < call.Started)
            {
                running.Dequeue();
                if (ended.Version > readVersion)
                    (readVersion, readEnded) = (ended.Version, end);
            }
            switch (call.Kind)
            {
                case CallKind.Read:
                    if (!byVersion.TryGetValue(call.Version, out Call source) || source.Deletes)
                        return $"{call}: nobody wrote that";
                    if (source.Started > call.Ended)
                        return $"{call}: read before it was written by {source}";
                    int index = Array.BinarySearch(writes, source, Comparer<Call>.Create((a, b) => a.Version.CompareTo(b.Version)));
                    if (newerEnded[index + 1] < call.Started)
                        return $"{call}: stale, a newer version had been written";
                    if (call.Version < readVersion)
                        return $"{call}: version {readVersion} had been read at {readEnded}";
                    running.Enqueue(call, call.Ended);
                    break;
                case CallKind.Miss when !mayEvict:
                    if (!CanMiss(call, writes, newerEnded, readVersion))
                        return $"{call}: there was no moment in which the key was absent";
                    break;
                case CallKind.Refused:
                    if (!byVersion.TryGetValue(call.Version, out Call winner) || winner.Started > call.Ended)
                        return $"{call}: refused by a version that nobody had written";
                    break;
            }
        }
        return null;
    }

    private static bool CanMiss(Call miss, Call[] writes, long[] newerEnded, long readVersion)
    {
        // before any write
        if (newerEnded[0] > miss.Started && readVersion == 0)
            return true;
        for (int i = 0; i < writes.Length; i++)
        {
            if (writes[i].Deletes && writes[i].Started < miss.Ended && newerEnded[i + 1] > miss.Started && writes[i].Version > readVersion)
                return true;
        }
        return false;
    }
}
