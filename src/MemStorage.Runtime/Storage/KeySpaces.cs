using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace MemStorage.Storage;

/// <summary>
/// The key spaces of a store, by name, by prefix and by the number that is kept in each record. A prefix that arrives by replication before its name is
/// known gets a space without a name, which the name takes over later. Prefixes from elsewhere cost at most 254 such spaces: when the numbers are used up, all further ones share one.
/// Thread-safe.
/// </summary>
internal sealed class KeySpaces
{
    /// <summary>The most key spaces beside the one without a name: some 20 MB, which are outside the bound.</summary>
    public const int Most = 1 << 16;

    private const byte SharedId = 255;
    private readonly MemStore _store;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, KeySpace> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, KeySpace> _byPrefix = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, KeySpace>.AlternateLookup<ReadOnlySpan<char>> _byPrefixText;
    private readonly KeySpace?[] _byId = new KeySpace?[256];
    private volatile KeySpace? _others;
    private volatile bool _hasObservers;
    private int _lastId;
    private int _count;

    public KeySpaces(MemStore store)
    {
        _store = store;
        _byPrefixText = _byPrefix.GetAlternateLookup<ReadOnlySpan<char>>();
        Raw = new KeySpace(store, "", KeySpace.RawId, []);
        _byId[0] = Raw;
    }

    /// <summary>Keys used directly on the store.</summary>
    public KeySpace Raw { get; }

    public bool HasObservers => _hasObservers;

    /// <summary>All spaces but <see cref="Raw"/>.</summary>
    public IEnumerable<KeySpace> Named => _others is { } others ? [.. _byPrefix.Values, others] : _byPrefix.Values;

    /// <summary>By prefix, the spaces that can have an owner, one after the other. The walk takes no lock and, once it has begun, no memory; what is added meanwhile may be in it or not.</summary>
    public IEnumerator<KeyValuePair<string, KeySpace>> Walk() => _byPrefix.GetEnumerator();

    /// <summary>The space of a record; all spaces from the 255th on share the last number.</summary>
    public KeySpace ById(byte id) => _byId[id] ?? Raw;

    public KeySpace GetOrAdd(string name)
    {
        if (_byName.TryGetValue(name, out KeySpace? known))
            return known;
        byte[] prefix = KeySpace.CreatePrefix(name);
        FaultPoint.Lock();
        lock (_lock)
        {
            if (_byName.TryGetValue(name, out known))
                return known;
            FaultPoint.Allocation();
            string text = Encoding.ASCII.GetString(prefix);
            if (!_byPrefix.TryGetValue(text, out KeySpace? space))
                space = Add(name, prefix, text);
            else if (space.Name.StartsWith((char)KeySpace.Marker))
                space.Name = name; // seen before by its prefix only
            else if (space.Name != name) // the same: an earlier call had no memory for the last step
            {
                throw new MemStorageException(
                    MemStorageError.KeySpaceConflict, $"The key spaces '{space.Name}' and '{name}' have the same prefix; rename one of them.");
            }
            FaultPoint.Allocation();
            _byName[name] = space;
            return space;
        }
    }

    /// <summary>The space of a full key that came from outside.</summary>
    public KeySpace OfKey(ReadOnlySpan<byte> key)
    {
        if (key.Length <= KeySpace.PrefixLength || key[0] != KeySpace.Marker)
            return Raw;
        FaultPoint.Allocation();
        string text = Encoding.ASCII.GetString(key[..KeySpace.PrefixLength]);
        if (_byPrefix.TryGetValue(text, out KeySpace? space))
            return space;
        FaultPoint.Lock();
        lock (_lock)
        {
            if (_byPrefix.TryGetValue(text, out space))
                return space;
            // whoever sends changes must not be able to make structures outside the bound without end
            return _lastId < SharedId - 1 ? Add(text, key[..KeySpace.PrefixLength].ToArray(), text) : Others();
        }
    }

    /// <summary>The space of all prefixes that were never named here, when the numbers are used up. A name that comes later has the same number, and finds its records by their prefix.</summary>
    private KeySpace Others()
    {
        if (_others is { } others)
            return others;
        FaultPoint.Allocation();
        others = new KeySpace(_store, "(others)", SharedId, []);
        _lastId = SharedId;
        _byId[SharedId] ??= others;
        return _others = others;
    }

    /// <summary>Registers the observer of a space; one per space.</summary>
    public void Observe(KeySpace space, IRecordObserver observer)
    {
        FaultPoint.Lock();
        lock (_lock)
        {
            if (space.Observer is not null && space.Observer != observer)
                throw new InvalidOperationException($"The key space '{space.Name}' is observed already.");
            space.Observer = observer;
            _hasObservers = true;
        }
    }

    /// <summary>The space of a record that is observed; null: it is not.</summary>
    public KeySpace? ObservedSpaceOf(byte id, ReadOnlySpan<byte> key)
    {
        if (id != SharedId)
            return _byId[id] is { Observer: not null } known ? known : null;
        // under a shard's lock, about a record that is stored already: nothing is allocated or waited for
        if (key.Length <= KeySpace.PrefixLength || key[0] != KeySpace.Marker)
            return null;
        Span<char> text = stackalloc char[KeySpace.PrefixLength];
        for (int i = 0; i < text.Length; i++)
            text[i] = (char)key[i];
        return _byPrefixText.TryGetValue(text, out KeySpace? space) && space.Observer is not null ? space : null;
    }

    private KeySpace Add(string name, byte[] prefix, string text)
    {
        if (_count == Most)
        {
            throw new MemStorageException(
                MemStorageError.KeySpaceLimit, string.Create(CultureInfo.InvariantCulture, $"The store has {_count:N0} key spaces, and at most {Most:N0} are allowed: there is none for another name."));
        }
        _count++;
        byte id = (byte)Math.Min(SharedId, _lastId + 1);
        FaultPoint.Allocation();
        var space = new KeySpace(_store, name, id, prefix);
        // found by its number before it is found at all; without memory for the next step the number goes to the next space
        if (id != SharedId || _byId[id] is null)
            _byId[id] = space;
        FaultPoint.Allocation();
        _byPrefix[text] = space;
        _lastId = id;
        return space;
    }
}
