using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace MemStorage.Analyzers.Sharing.Flow;

// Diagnostics, the sources behind them, and what summaries mean at a call.
internal sealed partial class MethodFlow
{
    private readonly Dictionary<object, int> _sourceIndexes = new();
    private readonly List<(Location Location, string Name, bool IsCall)> _sources = new();
    private readonly Dictionary<(string Id, TextSpan Span), Diagnostic> _diagnostics = new();

    /// <summary>The bit of a no-copy read. The sixteenth and later ones share one.</summary>
    private ulong SourceBit(object origin, string name)
    {
        if (!_sourceIndexes.TryGetValue(origin, out int index))
        {
            index = Math.Min(_sources.Count, Origins.MaxSources - 1);
            _sourceIndexes.Add(origin, index);
            if (_sources.Count < Origins.MaxSources)
            {
                Location location = origin is IOperation o ? o.Syntax.GetLocation() : ((ISymbol)origin).Locations.FirstOrDefault() ?? Location.None;
                _sources.Add((location, name, origin is IOperation));
            }
        }
        return 1UL << index;
    }

    private IEnumerable<int> SourcesOf(ulong mask)
    {
        for (int i = 0; i < _sources.Count; i++)
        {
            if ((mask & (1UL << i)) != 0)
                yield return i;
        }
    }

    private string Describe(ulong mask)
    {
        foreach (int i in SourcesOf(mask))
            return _sources[i].IsCall ? $"it comes from '{_sources[i].Name}'" : $"parameter '{_sources[i].Name}'";
        return "it comes from a no-copy read";
    }

    private void Report(DiagnosticDescriptor rule, SyntaxNode at, ulong mask, params object[] arguments) => Report(rule, at, mask, ImmutableDictionary<string, string?>.Empty, arguments);

    private void Report(DiagnosticDescriptor rule, SyntaxNode at, ulong mask, ImmutableDictionary<string, string?> properties, object[] arguments)
    {
        if (!_final || _member is null)
            return;
        var key = (rule.Id, at.Span);
        if (_diagnostics.ContainsKey(key))
            return;
        // The reads behind the finding, for the code fix that replaces GetNoCopy by Get.
        var reads = SourcesOf(mask).Where(i => _sources[i].IsCall).Select(i => _sources[i].Location).ToArray();
        _diagnostics.Add(key, Diagnostic.Create(rule, at.GetLocation(), reads, properties, arguments));
    }

    private List<Diagnostic> OrderedDiagnostics() =>
        _diagnostics.Values.Where(d => !IsWriteThroughUnlocked(d)).OrderBy(static d => d.Location.SourceSpan.Start).ThenBy(static d => d.Location.SourceSpan.Length).ThenBy(static d => d.Id, StringComparer.Ordinal).ToList();

    /// <summary>MemoryMarshal.AsMemory(bytes).Span[0] = 1 is one mistake, and MST1005 says it.</summary>
    private bool IsWriteThroughUnlocked(Diagnostic diagnostic) =>
        diagnostic.Id == SharingRules.ChangeId && _diagnostics.Keys.Any(k => k.Id == SharingRules.BytesMadeWritableId && diagnostic.Location.SourceSpan.Contains(k.Span));

    private static string TextOf(SyntaxNode node)
    {
        SyntaxNode shown = node is InvocationExpressionSyntax invocation ? invocation.Expression : node;
        string text = string.Join(" ", shown.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length <= 80 ? text : text.Substring(0, 77) + "...";
    }

    private static string NameOf(IMethodSymbol method) => method.MethodKind switch
    {
        MethodKind.Constructor => "new " + method.ContainingType.Name,
        MethodKind.DelegateInvoke => method.ContainingType.Name,
        _ => method.Name,
    };

    private Summary Ask(IMethodSymbol method)
    {
        Summary summary = _session.Summaries.Get(method, _level, _cancellationToken);
        if (!summary.IsExact)
            _summary.IsExact = false;
        _summary.Height = Math.Max(_summary.Height, summary.Height + 1);
        return summary;
    }

    /// <summary>A callee's shape in terms of this call: its parameters are replaced by the arguments.</summary>
    private Value Instantiate(Shape shape, Func<int, Value> argument, IOperation origin, int extra, int depth = 0)
    {
        Value value = Value.None;
        if (Origins.HasSource(shape.Mask))
            value = value.Join(Value.Of(SourceBit(origin, origin.Syntax is InvocationExpressionSyntax i ? TextOf(i) : TextOf(origin.Syntax))));
        for (int index = 0; index <= Origins.MaxParameters; index++)
        {
            if ((shape.Mask & Origins.Self(index)) != 0)
                value = value.Join(argument(index));
            if ((shape.Mask & Origins.Inner(index)) != 0)
            {
                Value a = argument(index);
                value = value.Join(Value.Of(Origins.Through(a.Mask)));
                foreach (int site in a.Sites)
                {
                    HeapObject h = Heap(site);
                    value = value.Join(Value.Of(h.Others));
                    foreach (KeyValuePair<string, Value> member in h.Members)
                    {
                        if (member.Key != ReceiverMember)
                            value = value.Join(member.Value);
                    }
                }
            }
        }
        if (!shape.IsObject || depth > 3)
            return value;
        ulong others = 0;
        if (shape.Others != 0)
            others = Instantiate(new Shape(shape.Others, false, 0, null), argument, origin, extra, depth + 1).Mask;
        HeapObject content = HeapObject.CopyOf(others);
        int n = 0;
        if (shape.Members is not null)
        {
            foreach (KeyValuePair<string, Shape> m in shape.Members.OrderBy(static m => m.Key, StringComparer.Ordinal))
                content = content.With(m.Key, Instantiate(m.Value, argument, origin, extra * 31 + ++n, depth + 1));
        }
        return value.Join(NewSite(origin, 10_000 + extra + depth * 100_000, content));
    }
}
