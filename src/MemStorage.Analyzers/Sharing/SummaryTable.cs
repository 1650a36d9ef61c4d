using System.Collections.Concurrent;
using MemStorage.Analyzers.Sharing.Flow;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace MemStorage.Analyzers.Sharing;

/// <summary>
/// Summaries of the methods of this compilation, computed on demand. A summary of depth n sees callees through summaries of depth n - 1; depth
/// 0 knows nothing. So recursion ends, and what is cached under (method, depth) does not depend on who asked first: a result that was cut off
/// somewhere is never taken for a deeper one. A summary that was not cut off holds from its own height upwards. Thread-safe.
/// </summary>
internal sealed class SummaryTable
{
    /// <summary>How many calls deep a change is seen from a call.</summary>
    public const int MaxLevel = 5;

    private readonly SharingSession _session;
    private readonly ConcurrentDictionary<IMethodSymbol, Summary> _exact = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<(IMethodSymbol Method, int Level), Summary> _bounded = new();
    private readonly ConcurrentDictionary<IMethodSymbol, SyntaxNode?> _declarations = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<IMethodSymbol, ControlFlowGraph?> _graphs = new(SymbolEqualityComparer.Default);

    private readonly ConcurrentDictionary<SyntaxNode, ControlFlowGraph?> _initializers = new();
    private readonly ConcurrentDictionary<IMethodSymbol, ISymbol?> _forwarded = new(SymbolEqualityComparer.Default);

    public SummaryTable(SharingSession session) => _session = session;

    /// <summary>Whether the body of the method is in this compilation.</summary>
    public bool CanSummarize(IMethodSymbol method) => DeclarationOf(Definition(method)) is not null;

    public Summary Get(IMethodSymbol method, int level, CancellationToken cancellationToken)
    {
        IMethodSymbol definition = Definition(method);
        if (level <= 0)
            return Summary.Unknown;
        if (_exact.TryGetValue(definition, out Summary? exact) && exact.Height <= level)
            return exact;
        if (_bounded.TryGetValue((definition, level), out Summary? bounded))
            return bounded;
        if (GraphOf(definition, cancellationToken) is not { } graph)
            return Summary.Unknown;
        Summary summary = MethodFlow.Summarize(_session, definition, graph, level, cancellationToken);
        summary.IsEmptyBody = IsEmpty(DeclarationOf(definition));
        return summary.IsExact ? _exact.GetOrAdd(definition, summary) : _bounded.GetOrAdd((definition, level), summary);
    }

    public static IMethodSymbol Definition(IMethodSymbol method)
    {
        IMethodSymbol definition = (method.ReducedFrom ?? method).OriginalDefinition;
        return definition.PartialImplementationPart ?? definition;
    }

    private SyntaxNode? DeclarationOf(IMethodSymbol definition) =>
        _declarations.TryGetValue(definition, out SyntaxNode? known) ? known : _declarations.GetOrAdd(definition, FindDeclaration(definition));

    private SyntaxNode? FindDeclaration(IMethodSymbol method)
    {
        if (method.IsAbstract || method.IsExtern || method.MethodKind is MethodKind.DelegateInvoke or MethodKind.LocalFunction or MethodKind.AnonymousFunction)
            return null;
        foreach (SyntaxReference reference in _session.Compilation.DeclarationsOf(method))
        {
            switch (reference.GetSyntax())
            {
                case BaseMethodDeclarationSyntax { Body: not null } or BaseMethodDeclarationSyntax { ExpressionBody: not null }:
                case AccessorDeclarationSyntax { Body: not null } or AccessorDeclarationSyntax { ExpressionBody: not null }:
                case ArrowExpressionClauseSyntax:
                    return reference.GetSyntax();
            }
        }
        return null;
    }

    private static bool IsEmpty(SyntaxNode? declaration) => declaration switch
    {
        BaseMethodDeclarationSyntax { Body: { } body } => body.Statements.Count == 0 || body.Statements[0] is ThrowStatementSyntax,
        BaseMethodDeclarationSyntax { ExpressionBody.Expression: { } expression } => IsPlaceholder(expression),
        ArrowExpressionClauseSyntax { Expression: { } expression } => IsPlaceholder(expression),
        AccessorDeclarationSyntax { ExpressionBody.Expression: { } expression } => IsPlaceholder(expression),
        _ => false,
    };

    private static bool IsPlaceholder(ExpressionSyntax expression) => expression switch
    {
        ThrowExpressionSyntax or DefaultExpressionSyntax => true,
        LiteralExpressionSyntax literal => literal.Token.ValueText is "null" or "default",
        PostfixUnaryExpressionSyntax suppressed => IsPlaceholder(suppressed.Operand),
        _ => false,
    };

    private ControlFlowGraph? GraphOf(IMethodSymbol definition, CancellationToken cancellationToken)
    {
        if (_graphs.TryGetValue(definition, out ControlFlowGraph? known))
            return known;
        if (DeclarationOf(definition) is not { } declaration)
            return null;
        return _graphs.GetOrAdd(definition, CreateGraph(_session.ModelOf(declaration.SyntaxTree), declaration, cancellationToken));
    }

    /// <summary>The graph of the initializer of a field or property.</summary>
    public ControlFlowGraph? GraphOfInitializer(SyntaxNode initializer, CancellationToken cancellationToken) =>
        _initializers.TryGetValue(initializer, out ControlFlowGraph? known) ? known
            : _initializers.GetOrAdd(initializer, CreateGraph(_session.ModelOf(initializer.SyntaxTree), initializer, cancellationToken));

    /// <summary>The field, automatic property or captured parameter of its own object that a getter or a method without parameters only returns; null for any other.</summary>
    public ISymbol? Forwarded(IMethodSymbol method, CancellationToken cancellationToken)
    {
        IMethodSymbol definition = Definition(method);
        return _forwarded.TryGetValue(definition, out ISymbol? known) ? known : _forwarded.GetOrAdd(definition, FindForwarded(definition, cancellationToken));
    }

    private ISymbol? FindForwarded(IMethodSymbol definition, CancellationToken cancellationToken)
    {
        if (definition.IsStatic || definition.Parameters.Length > 0 || DeclarationOf(definition) is not { } declaration)
            return null;
        ExpressionSyntax? returned = declaration switch
        {
            ArrowExpressionClauseSyntax arrow => arrow.Expression,
            AccessorDeclarationSyntax { ExpressionBody: { } arrow } => arrow.Expression,
            AccessorDeclarationSyntax { Body.Statements: [ReturnStatementSyntax statement] } => statement.Expression,
            MethodDeclarationSyntax { ExpressionBody: { } arrow } => arrow.Expression,
            MethodDeclarationSyntax { Body.Statements: [ReturnStatementSyntax statement] } => statement.Expression,
            _ => null,
        };
        if (returned is MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax } own)
            returned = own.Name;
        if (returned is not IdentifierNameSyntax)
            return null;
        return _session.ModelOf(returned.SyntaxTree).GetSymbolInfo(returned, cancellationToken).Symbol switch
        {
            IFieldSymbol { IsStatic: false } field => field,
            IPropertySymbol { IsStatic: false, IsIndexer: false } property when property.GetMethod is { } getter && !CanSummarize(getter) => property,
            IParameterSymbol { ContainingSymbol: IMethodSymbol { MethodKind: MethodKind.Constructor } } parameter => parameter,
            _ => null,
        };
    }

    /// <summary>The graph of a member's body; null where there is none (or code too broken to have one).</summary>
    public static ControlFlowGraph? CreateGraph(SemanticModel model, SyntaxNode declaration, CancellationToken cancellationToken)
    {
        IOperation? root = model.GetOperation(declaration, cancellationToken);
        return root is null || root.Parent is not null ? null : BodyGraphs.Of(root, cancellationToken);
    }
}
