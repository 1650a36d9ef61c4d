using MemStorage.Versions;

namespace MemStorage.Tests.Model;

/// <summary>What the model knows of a key. A null value is a deletion.</summary>
internal sealed record ModelEntry(byte[]? Value, long Version, long ExpireAt, int Origin)
{
    public bool IsTombstone => Value is null;

    public bool IsExpired(long now) => !IsTombstone && ExpireAt != 0 && ExpireAt <= now;

    public bool IsLive(long now) => !IsTombstone && !IsExpired(now);
}

/// <summary>
/// The specification as a plain dictionary: which write wins, what a read finds. It never evicts and forgets nothing; where the store is allowed to have forgotten
/// (a value that expired, a deletion past its retention), <see cref="MayBeForgotten"/> says so.
/// </summary>
internal sealed class ModelStore(long retentionMilliseconds)
{
    private readonly Dictionary<int, (ModelEntry Entry, long WrittenAt)> _entries = [];

    public IEnumerable<KeyValuePair<int, ModelEntry>> Entries => _entries.Select(p => KeyValuePair.Create(p.Key, p.Value.Entry));

    public ModelEntry? Find(int key) => _entries.TryGetValue(key, out (ModelEntry Entry, long) found) ? found.Entry : null;

    public ModelEntry? FindLive(int key, long now) => Find(key) is { } entry && entry.IsLive(now) ? entry : null;

    public void Put(int key, ModelEntry entry, long now) => _entries[key] = (entry, now);

    public void Forget(int key) => _entries.Remove(key);

    public void Clear() => _entries.Clear();

    /// <summary>Whether the store may have swept this away, version and all.</summary>
    public bool MayBeForgotten(int key, long now)
    {
        (ModelEntry entry, long writtenAt) = _entries[key];
        return entry.IsTombstone ? now >= writtenAt + retentionMilliseconds : entry.IsExpired(now);
    }

    /// <summary>The origin's rule for local writes.</summary>
    public static bool LocalWins(ModelEntry current, long version, bool incomingExpired, long now) =>
        ConflictRule.Replaces(current.Version, current.IsExpired(now), version, incomingExpired);

    /// <summary>
    /// The total order of replicated writes, written down a second time and in another way than in the product: compare tuples from the most to the least
    /// significant part.
    /// </summary>
    public static bool RemoteWins(ModelEntry current, ModelEntry incoming)
    {
        int order = incoming.Version.CompareTo(current.Version);
        if (order == 0)
            order = incoming.IsTombstone.CompareTo(current.IsTombstone);
        if (order == 0)
            order = incoming.Origin.CompareTo(current.Origin);
        if (order == 0 && !incoming.IsTombstone)
            order = incoming.Value.AsSpan().SequenceCompareTo(current.Value);
        if (order == 0 && !incoming.IsTombstone)
            order = Until(incoming).CompareTo(Until(current));
        return order > 0;
        static long Until(ModelEntry e) => e.ExpireAt == 0 ? long.MaxValue : e.ExpireAt;
    }
}
