namespace MemStorage.Generators.Infrastructure;

/// <summary>
/// A hash that is the same in every process and on every machine: it ends up in stored records and in files that are checked in.
/// </summary>
internal static class StableHash
{
    /// <summary>FNV-1a over the UTF-16 code units, folded to 32 bits; never 0, so that "no fingerprint" can be told from a fingerprint.</summary>
    public static uint Compute(string text)
    {
        ulong hash = 14695981039346656037UL;
        foreach (char c in text)
        {
            hash = unchecked((hash ^ (byte)c) * 1099511628211UL);
            hash = unchecked((hash ^ (byte)(c >> 8)) * 1099511628211UL);
        }
        hash ^= hash >> 33;
        hash = unchecked(hash * 0xff51afd7ed558ccdUL);
        uint folded = (uint)(hash >> 32) ^ (uint)hash;
        return folded == 0 ? 1u : folded;
    }
}
