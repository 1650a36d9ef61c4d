using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.CodeFixes.Versions;

/// <summary>In which shape a result is dropped, as far as a fix can rewrite it.</summary>
internal enum DropShape
{
    /// <summary><c>orders.Set(o);</c> and <c>_ = orders.Set(o);</c>.</summary>
    Statement,

    /// <summary><c>var r = orders.Set(o);</c> and <c>r = orders.Set(o);</c>.</summary>
    Local,

    /// <summary><c>void Save(Order o) => orders.Set(o);</c>.</summary>
    Arrow,

    /// <summary><c>o => orders.Set(o)</c>.</summary>
    Lambda,

    /// <summary>Anywhere else that no statement can take the place of (the incrementors of a <c>for</c>).</summary>
    Expression,
}

/// <summary>Where the result of a call is dropped.</summary>
internal sealed class DropSite
{
    private DropSite(InvocationExpressionSyntax call, ExpressionSyntax value, DropShape shape, SyntaxNode node, string? local = null)
    {
        Call = call;
        Value = value;
        Shape = shape;
        Node = node;
        Local = local;
    }

    public InvocationExpressionSyntax Call { get; }

    /// <summary>The call with the conditional access and the await around it.</summary>
    public ExpressionSyntax Value { get; }

    public DropShape Shape { get; }

    /// <summary>The statement, or the member or lambda whose body the value is.</summary>
    public SyntaxNode Node { get; }

    /// <summary>The local that the result goes into.</summary>
    public string? Local { get; }

    public bool IsConditional => Value.DescendantNodesAndSelf(static n => n is not InvocationExpressionSyntax).Any(static n => n is ConditionalAccessExpressionSyntax);

    public bool IsAwaited => Value is AwaitExpressionSyntax;

    public static DropSite? Find(InvocationExpressionSyntax call)
    {
        ExpressionSyntax value = call;
        while (true)
        {
            switch (value.Parent)
            {
                case ConditionalAccessExpressionSyntax access when access.WhenNotNull == value:
                    value = access;
                    continue;
                case AwaitExpressionSyntax awaited:
                    value = awaited;
                    continue;
                case MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Parent: InvocationExpressionSyntax { Parent: AwaitExpressionSyntax } configured }:
                    value = configured;
                    continue;
                case ExpressionStatementSyntax statement:
                    return new DropSite(call, value, DropShape.Statement, statement);
                case AssignmentExpressionSyntax { Left: IdentifierNameSyntax target, Parent: ExpressionStatementSyntax statement } assignment
                    when assignment.IsKind(SyntaxKind.SimpleAssignmentExpression):
                    return target.Identifier.ValueText == "_"
                        ? new DropSite(call, value, DropShape.Statement, statement)
                        : new DropSite(call, value, DropShape.Local, statement, target.Identifier.ValueText);
                case EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax { Variables.Count: 1, Parent: LocalDeclarationStatementSyntax { UsingKeyword.RawKind: 0 } statement } } declarator }:
                    return new DropSite(call, value, DropShape.Local, statement, declarator.Identifier.ValueText);
                case ArrowExpressionClauseSyntax { Parent: MethodDeclarationSyntax or LocalFunctionStatementSyntax or ConstructorDeclarationSyntax or AccessorDeclarationSyntax } arrow:
                    return new DropSite(call, value, DropShape.Arrow, arrow.Parent!);
                case LambdaExpressionSyntax lambda when lambda.Body == value:
                    return new DropSite(call, value, DropShape.Lambda, lambda);
                case ForStatementSyntax loop when loop.Condition != value:
                    return new DropSite(call, value, DropShape.Expression, loop);
                default:
                    return null;
            }
        }
    }
}
