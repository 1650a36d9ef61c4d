using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace MemStorage.Analyzers;

/// <summary>
/// Answers "can this code block mention one of these names?" from the text alone, before anything is bound. Operation actions would make the
/// compiler bind every method body of the compilation a second time; most code never calls us, and its cost must be nothing.
/// Register a code-block action, ask <see cref="MayMention"/>, and only then build operations or a control flow graph.
/// </summary>
/// <remarks>
/// Usage: <c>context.RegisterCodeBlockAction(c => { if (gate.MayMention(c.CodeBlock, c.CancellationToken)) … })</c>. Thread-safe. A tree is searched once, on first use: a vectorised substring search per name.</remarks>
internal sealed class NameGate
{
    private readonly ConcurrentDictionary<SyntaxTree, ImmutableArray<int>> _hits = new();
    private readonly ImmutableArray<string> _names;

    public NameGate(IEnumerable<string> names) => _names = names.Where(static n => n.Length > 0).Distinct(StringComparer.Ordinal).OrderBy(static n => n, StringComparer.Ordinal).ToImmutableArray();

    public ImmutableArray<string> Names => _names;

    /// <summary>Whether one of the names stands as a whole identifier within <paramref name="codeBlock"/> (attributes of a member are inside its node).</summary>
    public bool MayMention(SyntaxNode codeBlock, CancellationToken cancellationToken)
    {
        ImmutableArray<int> hits = Hits(codeBlock.SyntaxTree, cancellationToken);
        if (hits.IsEmpty)
            return false;
        int at = hits.BinarySearch(codeBlock.SpanStart);
        if (at < 0)
            at = ~at;
        return at < hits.Length && hits[at] < codeBlock.Span.End;
    }

    /// <summary>Where the names stand in the tree: positions in ascending order; whole identifiers outside of comments are not told from those inside.</summary>
    public ImmutableArray<int> Hits(SyntaxTree tree, CancellationToken cancellationToken)
    {
        if (_names.IsEmpty)
            return ImmutableArray<int>.Empty;
        return _hits.TryGetValue(tree, out ImmutableArray<int> hits) ? hits : _hits.GetOrAdd(tree, Find(tree.GetText(cancellationToken)));
    }

    private ImmutableArray<int> Find(SourceText source)
    {
        string text = source.ToString();
        List<int>? hits = null;
        foreach (string name in _names)
        {
            for (int i = text.IndexOf(name, StringComparison.Ordinal); i >= 0; i = text.IndexOf(name, i + name.Length, StringComparison.Ordinal))
            {
                bool whole = (i == 0 || !SyntaxFacts.IsIdentifierPartCharacter(text[i - 1]))
                    && (i + name.Length == text.Length || !SyntaxFacts.IsIdentifierPartCharacter(text[i + name.Length]));
                if (whole)
                    (hits ??= []).Add(i);
            }
        }
        if (hits is null)
            return ImmutableArray<int>.Empty;
        hits.Sort();
        return hits.ToImmutableArray();
    }
}
