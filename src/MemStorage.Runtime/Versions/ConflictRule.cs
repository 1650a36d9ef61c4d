namespace MemStorage.Versions;

/// <summary>Which of two writes to one key wins. Local writes follow the ancestor's rule; replicated writes a total order that does not depend on the clock.</summary>
internal static class ConflictRule
{
    /// <summary>The ancestor's rule: higher version; at equal versions the unexpired one; else what is there stays.</summary>
    public static bool Replaces(long currentVersion, bool currentExpired, long incomingVersion, bool incomingExpired) =>
        incomingVersion != currentVersion ? incomingVersion > currentVersion : currentExpired && !incomingExpired;

    /// <summary>
    /// The order of replicated writes at equal versions: deletion over value, then origin node, then content, then expiry. Clock-free, so that
    /// replicas that have seen the same writes hold the same bytes, whatever the order.
    /// </summary>
    public static bool ReplacesRemote(in Side current, in Side incoming)
    {
        if (incoming.Version != current.Version)
            return incoming.Version > current.Version;
        // a deletion first: locally it wins over the version that it deletes, wherever that came from, so it must win everywhere
        if (incoming.Tombstone != current.Tombstone)
            return incoming.Tombstone;
        if (incoming.Origin != current.Origin)
            return incoming.Origin > current.Origin;
        int content = incoming.Content.SequenceCompareTo(current.Content);
        return content != 0 ? content > 0 : (ulong)(incoming.ExpireAt - 1) > (ulong)(current.ExpireAt - 1); // never (0) is the latest
    }

    /// <summary>One side of a conflict; <see cref="Content"/> is the uncompressed value.</summary>
    public readonly ref struct Side
    {
        public long Version { get; init; }
        public int Origin { get; init; }
        public bool Tombstone { get; init; }
        public long ExpireAt { get; init; }
        public ReadOnlySpan<byte> Content { get; init; }
    }
}
