using System.ComponentModel;

namespace MemStorage.Typed;

/// <summary>
/// Finds entities by looking at all of them, for the <c>FindBy…</c> and <c>Find…Between</c> of a repository that is written by hand. A real repository has an
/// index.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public static class UnindexedSearch
{
    /// <summary>The entities whose member has this value, in the order given.</summary>
    /// <param name="entities">All entities.</param>
    /// <param name="member">The member.</param>
    /// <param name="value">The value.</param>
    public static IEnumerable<TEntity> Equal<TEntity, TValue>(IEnumerable<TEntity> entities, Func<TEntity, TValue> member, TValue value) =>
        entities.Where(entity => EqualityComparer<TValue>.Default.Equals(member(entity), value));

    /// <summary>The entities whose member is in a range, in ascending order; those without a value are in none.</summary>
    /// <param name="entities">All entities.</param>
    /// <param name="member">The member.</param>
    /// <param name="from">The lowest value; included.</param>
    /// <param name="to">The highest value; included.</param>
    public static IEnumerable<TEntity> Between<TEntity, TValue>(IEnumerable<TEntity> entities, Func<TEntity, TValue> member, TValue from, TValue to)
    {
        IComparer<TValue> order = typeof(TValue) == typeof(string) ? (IComparer<TValue>)(object)CodePointOrder.Instance : Comparer<TValue>.Default;
        return entities.Where(entity => member(entity) is { } value && order.Compare(value, from) >= 0 && order.Compare(value, to) <= 0).OrderBy(member, order);
    }

    /// <summary>The order of an index over texts: that of their UTF-8, which is the order of code points and not that of UTF-16.</summary>
    private sealed class CodePointOrder : IComparer<string>
    {
        public static readonly CodePointOrder Instance = new();

        public int Compare(string? x, string? y)
        {
            if (x is null || y is null)
                return (x is null ? 0 : 1) - (y is null ? 0 : 1);
            int same = x.AsSpan().CommonPrefixLength(y);
            return same == x.Length || same == y.Length ? x.Length - y.Length : Rank(x[same]) - Rank(y[same]);
        }

        // surrogates stand for code points above all others
        private static int Rank(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
    }
}
