namespace MemStorage.Typed;

/// <summary>
/// What a real repository can do beyond its interface: takes keys as a span, and factories with a state at no cost. Extension methods ask for it and go through
/// the interface's own members where it is missing, in mocks and wrappers.
/// </summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TEntity">The entity.</typeparam>
internal interface ISpanRepository<TKey, TEntity>
{
    IReadOnlyList<TEntity> GetMany(ReadOnlySpan<TKey> keys);

    int DeleteMany(ReadOnlySpan<TKey> keys);
}
