using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Microsoft.CodeAnalysis.Text;

namespace MemStorage.Analyzers.Versions.Retry;

/// <summary>The code that may run again around a write: the innermost loop, or from a label to a <c>goto</c> back to it.</summary>
internal sealed class RetryRegion
{
    private readonly SyntaxTree _tree;
    private readonly TextSpan _span;
    private readonly ILabelSymbol? _label;

    private RetryRegion(IEnumerable<IOperation> operations, SyntaxTree tree, TextSpan span, ILoopOperation? loop, ILabelSymbol? label)
    {
        Operations = operations;
        _tree = tree;
        _span = span;
        Loop = loop;
        _label = label;
    }

    /// <summary>Null where it is a jump back.</summary>
    public ILoopOperation? Loop { get; }

    public IEnumerable<IOperation> Operations { get; }

    public static RetryRegion? Around(IOperation operation)
    {
        IBlockOperation? body = null;
        for (IOperation? o = operation.Parent; o is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); o = o.Parent)
        {
            if (o is ILoopOperation loop)
                return new RetryRegion(loop.Descendants(), loop.Syntax.SyntaxTree, loop.Syntax.Span, loop, null);
            body = o as IBlockOperation ?? body;
        }
        return body is null ? null : JumpAround(operation, body);
    }

    public bool Declares(ISymbol variable) =>
        variable.DeclaringSyntaxReferences is [var reference, ..] && reference.SyntaxTree == _tree && _span.Contains(reference.Span);

    public bool JumpsBack(IOperation? operation) => operation is IBranchOperation { BranchKind: BranchKind.GoTo } jump && SymbolEqualityComparer.Default.Equals(jump.Target, _label);

    private static RetryRegion? JumpAround(IOperation operation, IBlockOperation body)
    {
        int at = operation.Syntax.SpanStart;
        foreach (ILabeledOperation labeled in body.Operations.OfType<ILabeledOperation>())
        {
            if (labeled.Syntax.SpanStart > at)
                break;
            foreach (IOperation candidate in body.Descendants())
            {
                if (candidate is not IBranchOperation { BranchKind: BranchKind.GoTo } jump || jump.Syntax.SpanStart < at || !SymbolEqualityComparer.Default.Equals(jump.Target, labeled.Label))
                    continue;
                var span = TextSpan.FromBounds(labeled.Syntax.SpanStart, jump.Syntax.Span.End);
                return new RetryRegion(body.Descendants().Where(o => span.Contains(o.Syntax.Span) || o.Syntax.Span.Contains(jump.Syntax.Span) && o.Syntax.SpanStart >= span.Start), labeled.Syntax.SyntaxTree, span, null, labeled.Label);
            }
        }
        return null;
    }
}
