using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.CodeFixes.Versions;

/// <summary>Three things that stand one after the other in a block: the read of an entity into a local, statements that only change it, and the write.</summary>
internal sealed class ReadChangeWrite
{
    private readonly SyntaxList<StatementSyntax> _changes;
    private readonly bool _yieldsEntity;

    private ReadChangeWrite(LocalDeclarationStatementSyntax read, SyntaxList<StatementSyntax> changes, StatementSyntax last, InvocationExpressionSyntax write, ExpressionSyntax? stored, bool yieldsEntity)
    {
        Read = read;
        _changes = changes;
        Last = last;
        Write = write;
        Stored = stored;
        _yieldsEntity = yieldsEntity;
    }

    public LocalDeclarationStatementSyntax Read { get; }

    /// <summary>The statement with the write.</summary>
    public StatementSyntax Last { get; }

    public InvocationExpressionSyntax Write { get; }

    /// <summary>The <c>SetResult.Stored</c> that the result is compared with; null where the write is a statement.</summary>
    public ExpressionSyntax? Stored { get; }

    public string Variable => Read.Declaration.Variables[0].Identifier.Text;

    public string Repository => ((MemberAccessExpressionSyntax)Get.Expression).Expression.WithoutTrivia().ToString();

    public string Key => Get.ArgumentList.Arguments[0].Expression.WithoutTrivia().ToString();

    /// <summary>What a successful result is called here.</summary>
    public string Updated { get; private set; } = "";

    /// <summary>The exception that a refused write is turned into, as it is called here.</summary>
    public string Exception { get; private set; } = "";

    private InvocationExpressionSyntax Get => (InvocationExpressionSyntax)Read.Declaration.Variables[0].Initializer!.Value;

    /// <summary>The changes as the body of a lambda, with their comments.</summary>
    public string Body()
    {
        bool commented = _changes.Any(static s => HasComment(s.GetLeadingTrivia()) || HasComment(s.GetTrailingTrivia())) || HasComment(Read.GetTrailingTrivia()) || HasComment(Last.GetLeadingTrivia());
        if (_changes is [ExpressionStatementSyntax only] && !commented && !_yieldsEntity)
            return only.Expression.WithoutTrivia().ToString();
        string before = HasComment(Read.GetTrailingTrivia()) ? Read.GetTrailingTrivia().ToFullString() : "\n";
        string after = HasComment(Last.GetLeadingTrivia()) ? Last.GetLeadingTrivia().ToFullString() : "";
        // the formatter aligns what is inside with the brace
        string indent = Read.GetLeadingTrivia() is [.., { RawKind: (int)SyntaxKind.WhitespaceTrivia } space] ? space.ToString() : "";
        return "\n" + indent + "{" + before + _changes.ToFullString() + after + "}";
    }

    public static ReadChangeWrite? TryFind(InvocationExpressionSyntax write, SemanticModel model, CancellationToken cancellationToken)
    {
        if (write is not { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Set" or "SetOrThrow" } written, ArgumentList.Arguments: [{ RefKindKeyword.RawKind: 0, Expression: IdentifierNameSyntax variable }] }
            || write.FirstAncestorOrSelf<StatementSyntax>() is not { Parent: BlockSyntax block } last
            || model.GetSymbolInfo(variable, cancellationToken).Symbol is not ILocalSymbol { IsRef: false, Type.IsReferenceType: true } entity)
            return null;
        MemberAccessExpressionSyntax? stored = StoredIn(write.Parent);
        if (stored is null && last is not ExpressionStatementSyntax { Expression: InvocationExpressionSyntax statement } || stored is null && last is ExpressionStatementSyntax e && e.Expression != write)
            return null;
        int end = block.Statements.IndexOf(last);
        int start = end - 1;
        while (start >= 0 && IsChangeOf(block.Statements[start], entity, model, cancellationToken))
            start--;
        if (start < 0 || start == end - 1 || block.Statements[start] is not LocalDeclarationStatementSyntax { Declaration.Variables: [{ Initializer.Value: InvocationExpressionSyntax get } declarator] } read
            || !SymbolEqualityComparer.Default.Equals(model.GetDeclaredSymbol(declarator, cancellationToken), entity)
            || get is not { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Get" } reader, ArgumentList.Arguments: [{ NameColon: null, RefKindKeyword.RawKind: 0 }] }
            || !SyntaxFactory.AreEquivalent(reader.Expression, written.Expression) || IsUsedElsewhere(block, entity, start, last, variable, model, cancellationToken)
            || block.Statements.Skip(start).Take(end - start + 1).Any(static s => s.ContainsDirectives) || HasUpdate(reader.Expression, entity.Type, model) is not { } result)
            return null;
        var changes = SyntaxFactory.List(block.Statements.Skip(start + 1).Take(end - start - 1));
        // o => o.Parent = x would be taken for a function from entity to entity
        bool yieldsEntity = changes.Count == 1 && block.Statements[start + 1] is ExpressionStatementSyntax only && model.GetTypeInfo(only.Expression, cancellationToken).Type is { } type && model.Compilation.ClassifyCommonConversion(type, entity.Type).IsImplicit;
        return new ReadChangeWrite(read, changes, last, write, stored, yieldsEntity)
        {
            Updated = result.ToMinimalDisplayString(model, write.SpanStart) + ".Updated",
            Exception = model.Compilation.GetTypeByMetadataName("System.InvalidOperationException")?.ToMinimalDisplayString(model, write.SpanStart) ?? "global::System.InvalidOperationException",
        };
    }

    private static MemberAccessExpressionSyntax? StoredIn(SyntaxNode? test) => test switch
    {
        IsPatternExpressionSyntax { Pattern: UnaryPatternSyntax { Pattern: ConstantPatternSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Stored" } stored } } } => stored,
        IsPatternExpressionSyntax { Pattern: ConstantPatternSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Stored" } stored } } => stored,
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.EqualsExpression or (int)SyntaxKind.NotEqualsExpression, Right: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Stored" } stored } => stored,
        _ => null,
    };

    /// <summary>An assignment to something inside the entity, or a call of a method on it, that may stand in a lambda and may run twice.</summary>
    private static bool IsChangeOf(StatementSyntax statement, ILocalSymbol entity, SemanticModel model, CancellationToken cancellationToken)
    {
        if (statement is not ExpressionStatementSyntax { Expression: { } expression })
            return false;
        ExpressionSyntax? target = expression switch
        {
            AssignmentExpressionSyntax { Left: MemberAccessExpressionSyntax or ElementAccessExpressionSyntax } assignment => assignment.Left,
            PostfixUnaryExpressionSyntax { Operand: MemberAccessExpressionSyntax or ElementAccessExpressionSyntax } unary => unary.Operand,
            PrefixUnaryExpressionSyntax { Operand: MemberAccessExpressionSyntax or ElementAccessExpressionSyntax } unary => unary.Operand,
            InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax called } => called.Expression,
            _ => null,
        };
        while (target is MemberAccessExpressionSyntax or ElementAccessExpressionSyntax)
            target = target is MemberAccessExpressionSyntax member ? member.Expression : ((ElementAccessExpressionSyntax)target).Expression;
        if (target is not IdentifierNameSyntax root || !SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(root, cancellationToken).Symbol, entity))
            return false;
        foreach (SyntaxNode node in expression.DescendantNodes())
        {
            switch (node)
            {
                case AwaitExpressionSyntax or AssignmentExpressionSyntax { Parent: not InitializerExpressionSyntax } or DeclarationExpressionSyntax or SingleVariableDesignationSyntax or ThrowExpressionSyntax or StackAllocArrayCreationExpressionSyntax:
                case ArgumentSyntax { RefKindKeyword.RawKind: not 0 }:
                case PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PostIncrementExpression or (int)SyntaxKind.PostDecrementExpression }:
                case PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreIncrementExpression or (int)SyntaxKind.PreDecrementExpression }:
                case ThisExpressionSyntax when model.GetTypeInfo(node, cancellationToken).Type is { IsValueType: true }:
                case IdentifierNameSyntax name when !CanBeCaptured(model.GetSymbolInfo(name, cancellationToken).Symbol):
                    return false;
            }
        }
        return true;
    }

    private static bool CanBeCaptured(ISymbol? symbol) => symbol switch
    {
        IParameterSymbol parameter => parameter.RefKind == RefKind.None && !parameter.Type.IsRefLikeType,
        ILocalSymbol local => !local.IsRef && !local.Type.IsRefLikeType,
        IFieldSymbol { IsStatic: false, ContainingType: { IsValueType: true, IsRefLikeType: true } } => false,
        _ => true,
    };

    private static bool IsUsedElsewhere(BlockSyntax block, ILocalSymbol entity, int start, StatementSyntax last, IdentifierNameSyntax written, SemanticModel model, CancellationToken cancellationToken) =>
        block.Statements.Skip(block.Statements.IndexOf(last)).Concat(block.Statements.Take(start)).SelectMany(static s => s.DescendantNodes()).OfType<IdentifierNameSyntax>()
            .Any(n => n != written && n.Identifier.ValueText == entity.Name && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(n, cancellationToken).Symbol, entity));

    /// <summary>The result of <c>Update(key, Action)</c>, where the repository has one.</summary>
    private static ITypeSymbol? HasUpdate(ExpressionSyntax repository, ITypeSymbol entity, SemanticModel model) =>
        model.GetTypeInfo(repository).Type is not { } type ? null : model.LookupSymbols(repository.SpanStart, type, "Update").OfType<IMethodSymbol>().FirstOrDefault(m => m.Parameters.Length == 2
            && m.Parameters[1].Type is INamedTypeSymbol { Name: "Action", TypeArguments.Length: 1 } action && SymbolEqualityComparer.Default.Equals(action.TypeArguments[0], entity))?.ReturnType;

    private static bool HasComment(SyntaxTriviaList trivia) => trivia.Any(static t => t.IsKind(SyntaxKind.SingleLineCommentTrivia) || t.IsKind(SyntaxKind.MultiLineCommentTrivia));
}
