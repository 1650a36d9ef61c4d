using System.IO.Hashing;
using System.Text;

namespace MemStorage;

/// <summary>
/// A named part of a store's keys that cannot collide with any other: each key is stored behind a prefix of 7 bytes that stands for the name.
/// Typed repositories and the distributed cache live in key spaces; keys used directly on the store are in the one without a name.
/// Instances come from <see cref="MemStore.GetKeySpace(string)"/>. Thread-safe.
/// </summary>
public sealed partial class KeySpace
{
    /// <summary>The first character of every prefix; keys used directly on the store must not begin with it.</summary>
    internal const byte Marker = 1;

    /// <summary>The length of a prefix in bytes.</summary>
    internal const int PrefixLength = 7;

    private readonly byte[] _prefix;
    private long _observerFaults;

    internal KeySpace(MemStore store, string name, byte id, byte[] prefix)
    {
        Store = store;
        Name = name;
        Id = id;
        _prefix = prefix;
        foreach (byte b in prefix.AsSpan())
            PrefixWord = (PrefixWord >> 8) | ((ulong)b << 48);
    }

    /// <summary>The name; empty for keys used directly on the store.</summary>
    public string Name { get; internal set; }

    /// <summary>The store.</summary>
    public MemStore Store { get; }

    /// <summary>The number of this space within the process, kept in each record for the statistics; 255 is shared by all spaces from the 255th on.</summary>
    internal byte Id { get; }

    /// <summary>The <see cref="Id"/> of the keys used directly on a store.</summary>
    internal const byte RawId = 0;

    /// <summary>What stands before every key of this space: <see cref="Marker"/> and six characters of the name's hash.</summary>
    internal ReadOnlySpan<byte> Prefix => _prefix;

    /// <summary>The seven bytes of <see cref="Prefix"/> in the low bytes of a word, the first in the lowest; 0 for the space without a name.</summary>
    internal ulong PrefixWord { get; }

    /// <summary>What was registered under the name (a repository's entity type), so that two users of one name are told.</summary>
    internal object? Owner { get; set; }

    /// <summary>Guards the making of <see cref="Owner"/>.</summary>
    internal Lock OwnerLock { get; } = new();

    /// <summary>How often the observer has thrown; the record operations stood.</summary>
    internal long ObserverFaults => Volatile.Read(ref _observerFaults);

    internal void CountObserverFault() => Interlocked.Increment(ref _observerFaults);

    /// <summary>Who is told of every record of this space; set once, before the first write of its owner. See <see cref="Storage.KeySpaces.Observe"/>.</summary>
    internal Storage.IRecordObserver? Observer { get; set; }

    /// <summary>36 bits of a stable hash as six ASCII characters: the same in every process, so that replicas agree.</summary>
    internal static byte[] CreatePrefix(string name)
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        ulong hash = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(name));
        byte[] prefix = new byte[PrefixLength];
        prefix[0] = Marker;
        for (int i = 1; i < PrefixLength; i++, hash >>= 6)
            prefix[i] = (byte)alphabet[(int)(hash & 63)];
        return prefix;
    }

}
