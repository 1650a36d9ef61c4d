using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace MemStorage.Storage;

/// <summary>
/// The key spaces of a store, by name, by prefix and by the number that is kept in each record. A prefix that arrives by replication before its name is
/// known gets a space without a name, which the name takes over later. Thread-safe.
/// </summary>
internal sealed class KeySpaces
{
    /// <summary>The most key spaces beside the one without a name: some 20 MB, which are outside the bound. Names that come with replicated changes count as well.</summary>
    public const int Most = 1 << 16;

    private const byte SharedId = 255;
    private readonly MemStore _store;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, KeySpace> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, KeySpace> _byPrefix = new(StringComparer.Ordinal);
    private readonly KeySpace?[] _byId = new KeySpace?[256];
    private volatile bool _hasObservers;
    private int _lastId;
    private int _count;

    public KeySpaces(MemStore store)
    {
        _store = store;
        Raw = new KeySpace(store, "", KeySpace.RawId, []);
        _byId[0] = Raw;
    }

    /// <summary>Keys used directly on the store.</summary>
    public KeySpace Raw { get; }

    public bool HasObservers => _hasObservers;

    /// <summary>All spaces but <see cref="Raw"/>.</summary>
    public IEnumerable<KeySpace> Named => _byPrefix.Values;

    /// <summary>The space of a record; all spaces from the 255th on share the last number.</summary>
    public KeySpace ById(byte id) => _byId[id] ?? Raw;

    public KeySpace GetOrAdd(string name)
    {
        if (_byName.TryGetValue(name, out KeySpace? known))
            return known;
        byte[] prefix = KeySpace.CreatePrefix(name);
        lock (_lock)
        {
            if (_byName.TryGetValue(name, out known))
                return known;
            string text = Encoding.ASCII.GetString(prefix);
            if (!_byPrefix.TryGetValue(text, out KeySpace? space))
                space = Add(name, prefix, text);
            else if (space.Name.StartsWith((char)KeySpace.Marker))
                space.Name = name; // seen before by its prefix only
            else
            {
                throw new MemStorageException(
                    MemStorageError.KeySpaceConflict, $"The key spaces '{space.Name}' and '{name}' have the same prefix; rename one of them.");
            }
            _byName[name] = space;
            return space;
        }
    }

    /// <summary>The space of a full key that came from outside.</summary>
    public KeySpace OfKey(ReadOnlySpan<byte> key)
    {
        if (key.Length <= KeySpace.PrefixLength || key[0] != KeySpace.Marker)
            return Raw;
        string text = Encoding.ASCII.GetString(key[..KeySpace.PrefixLength]);
        if (_byPrefix.TryGetValue(text, out KeySpace? space))
            return space;
        lock (_lock)
            return _byPrefix.TryGetValue(text, out space) ? space : Add(text, key[..KeySpace.PrefixLength].ToArray(), text);
    }

    /// <summary>Registers the observer of a space; one per space.</summary>
    public void Observe(KeySpace space, IRecordObserver observer)
    {
        lock (_lock)
        {
            if (space.Observer is not null && space.Observer != observer)
                throw new InvalidOperationException($"The key space '{space.Name}' is observed already.");
            space.Observer = observer;
            _hasObservers = true;
        }
    }

    public IRecordObserver? ObserverOf(byte id, ReadOnlySpan<byte> key)
    {
        if (id != SharedId)
            return _byId[id]?.Observer;
        return OfKey(key).Observer;
    }

    private KeySpace Add(string name, byte[] prefix, string text)
    {
        if (_count == Most)
        {
            throw new MemStorageException(
                MemStorageError.KeySpaceLimit, string.Create(CultureInfo.InvariantCulture, $"The store has {_count:N0} key spaces, and at most {Most:N0} are allowed: there is none for another name or prefix."));
        }
        _count++;
        byte id = (byte)Math.Min(SharedId, _lastId + 1);
        _lastId = id;
        var space = new KeySpace(_store, name, id, prefix);
        _byId[id] ??= space;
        _byPrefix[text] = space;
        return space;
    }
}
