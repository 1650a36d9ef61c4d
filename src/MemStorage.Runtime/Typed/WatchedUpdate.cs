using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MemStorage.Typed;

/// <summary>
/// An <c>Update</c> that has lost a try. Its function must not write the key that is updated: each try would be lost to its own write, for ever. A first try that is lost may be
/// lost to another writer, so only from the second on the function is watched: a write of this key by its flow of control is refused where it is made.
/// </summary>
/// <remarks>The function runs between <see cref="Enter"/> and <see cref="Leave"/>; work that it leaves behind may write when it has returned.</remarks>
internal sealed class WatchedUpdate : IDisposable
{
    private static readonly AsyncLocal<WatchedUpdate?> s_current = new();

    private readonly MemStore _store;
    private readonly byte[] _key;
    private volatile WatchedUpdate? _outer;
    private volatile bool _runs;

    public WatchedUpdate(MemStore store, byte[] key)
    {
        _store = store;
        _key = key;
        store.BeginWatching();
    }

    public void Enter()
    {
        _outer = s_current.Value;
        _runs = true;
        s_current.Value = this;
    }

    public void Leave()
    {
        _runs = false;
        s_current.Value = _outer;
        _outer = null;
    }

    public void Dispose() => _store.EndWatching();

    /// <summary>Refuses a write of a key whose update this flow of control is part of.</summary>
    /// <exception cref="InvalidOperationException">It is.</exception>
    public static void ThrowIfUpdated(KeySpace space, ReadOnlySpan<byte> key)
    {
        for (WatchedUpdate? update = s_current.Value; update is not null; update = update._outer)
        {
            if (update._runs && update._store == space.Store && key.SequenceEqual(update._key))
                ThrowWritesItself(space, key);
        }
    }

    [DoesNotReturn]
    private static void ThrowWritesItself(KeySpace space, ReadOnlySpan<byte> key) => throw new InvalidOperationException(
        $"The function of an Update of the key '{Encoding.UTF8.GetString(key[space.Prefix.Length..])}' in '{space.Name}' writes this key itself, so every try of the update would be lost to its own "
        + "function. Return the changed entity, and write nothing else under its key.");
}
