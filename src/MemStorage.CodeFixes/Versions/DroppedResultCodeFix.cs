using System.Collections.Immutable;
using System.Composition;
using MemStorage.Analyzers.Versions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace MemStorage.CodeFixes.Versions;

/// <summary>The fixes of MST2001: look at the result, or call the variant that throws.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(DroppedResultCodeFix)), Shared]
public sealed class DroppedResultCodeFix : CodeFixProvider
{
    /// <summary>The equivalence key of "check the result".</summary>
    public const string CheckKey = "MST2001.Check";

    /// <summary>The equivalence key of "call the variant that throws".</summary>
    public const string ThrowKey = "MST2001.Throw";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(VersionRules.DroppedResultId);

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
            return;
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            if (root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true).FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { } call
                || DropSite.Find(call) is not { } site || model.GetSymbolInfo(call, context.CancellationToken).Symbol is not IMethodSymbol method)
                continue;
            if (Condition(site, method, model) is { } condition)
            {
                context.RegisterCodeFix(
                    CodeAction.Create("Check the result", _ => Task.FromResult(context.Document.WithSyntaxRoot(Check(root, site, condition, model))), CheckKey), diagnostic);
            }
            if (CanThrow(site, method, model))
            {
                context.RegisterCodeFix(
                    CodeAction.Create($"Call {method.Name}OrThrow", _ => Task.FromResult(context.Document.WithSyntaxRoot(Throw(root, site))), ThrowKey), diagnostic);
            }
        }
    }

    // ---- if (… is not SetResult.Stored) throw … ----

    /// <summary>The condition under which the write did not happen; null when the result is not one of ours, not awaited, or the language too old for the pattern.</summary>
    private static string? Condition(DropSite site, IMethodSymbol method, SemanticModel model)
    {
        if (site.Shape == DropShape.Expression || (site.Call.SyntaxTree.Options as CSharpParseOptions)?.LanguageVersion < LanguageVersion.CSharp9)
            return null;
        ITypeSymbol type = method.ReturnType;
        bool isTask = type is INamedTypeSymbol { Name: "Task" or "ValueTask", TypeArguments.Length: 1 };
        if (isTask != site.IsAwaited)
            return null;
        if (isTask)
            type = ((INamedTypeSymbol)type).TypeArguments[0];
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Enum, ContainingNamespace: { Name: "MemStorage", ContainingNamespace.IsGlobalNamespace: true } })
            return null;
        string name = type.ToMinimalDisplayString(model, site.Call.SpanStart);
        string value = site.Shape == DropShape.Local ? site.Local! : site.Value.WithoutTrivia().ToString();
        return (type.Name, site.IsConditional) switch
        {
            // a delete that finds nothing has done what it should
            ("DeleteResult", _) => $"{value} is {name}.VersionMismatch",
            ("SetResult", false) => $"{value} is not {name}.Stored",
            ("SetResult", true) => $"{value} is not (null or {name}.Stored)",
            ("UpdateResult", false) => $"{value} is not {name}.Updated",
            ("UpdateResult", true) => $"{value} is not (null or {name}.Updated)",
            _ => null,
        };
    }

    private static SyntaxNode Check(SyntaxNode root, DropSite site, string condition, SemanticModel model)
    {
        INamedTypeSymbol? exception = model.Compilation.GetTypeByMetadataName("System.InvalidOperationException");
        string exceptionName = exception?.ToMinimalDisplayString(model, site.Call.SpanStart) ?? "global::System.InvalidOperationException";
        StatementSyntax check = SyntaxFactory
            .ParseStatement($"if ({condition})\r\n{{\r\nthrow new {exceptionName}(\"The write was refused.\");\r\n}}\r\n".Replace("\r\n", LineEnd(root)))
            .WithAdditionalAnnotations(Formatter.Annotation);
        switch (site.Shape)
        {
            case DropShape.Statement:
                check = check.WithLeadingTrivia(site.Node.GetLeadingTrivia()).WithTrailingTrivia(site.Node.GetTrailingTrivia());
                return root.ReplaceNode(site.Node, IsInList(site.Node) ? check : Block(check));
            case DropShape.Local:
                var statement = (StatementSyntax)site.Node;
                return IsInList(statement)
                    ? root.InsertNodesAfter(Anchor(statement), new[] { Wrap(check, statement) })
                    : root.ReplaceNode(statement, Block(statement.WithoutTrivia(), check).WithTriviaFrom(statement));
            case DropShape.Lambda:
                var lambda = (LambdaExpressionSyntax)site.Node;
                return root.ReplaceNode(lambda, lambda.WithBody(Block(check.WithoutTrivia())).WithAdditionalAnnotations(Formatter.Annotation));
            default:
                return root.ReplaceNode(site.Node, WithBlock(site.Node, Block(check.WithoutTrivia())));
        }
    }

    private static string LineEnd(SyntaxNode root) =>
        root.DescendantTrivia().FirstOrDefault(static t => t.IsKind(SyntaxKind.EndOfLineTrivia)).ToString() is { Length: > 0 } end ? end : "\n";

    private static BlockSyntax Block(params StatementSyntax[] statements) => SyntaxFactory.Block(statements).WithAdditionalAnnotations(Formatter.Annotation);

    /// <summary>Whether another statement may stand beside it; a statement that is the body of an <c>if</c> needs a block (and would catch its <c>else</c>).</summary>
    private static bool IsInList(SyntaxNode statement) => statement.Parent is BlockSyntax or SwitchSectionSyntax or GlobalStatementSyntax;

    private static SyntaxNode Anchor(StatementSyntax statement) => statement.Parent is GlobalStatementSyntax global ? global : statement;

    private static SyntaxNode Wrap(StatementSyntax check, StatementSyntax beside) => beside.Parent is GlobalStatementSyntax ? SyntaxFactory.GlobalStatement(check) : check;

    private static SyntaxNode WithBlock(SyntaxNode member, BlockSyntax body)
    {
        SyntaxNode changed = member switch
        {
            MethodDeclarationSyntax method => method.WithExpressionBody(null).WithSemicolonToken(default).WithBody(body),
            LocalFunctionStatementSyntax function => function.WithExpressionBody(null).WithSemicolonToken(default).WithBody(body),
            ConstructorDeclarationSyntax constructor => constructor.WithExpressionBody(null).WithSemicolonToken(default).WithBody(body),
            AccessorDeclarationSyntax accessor => accessor.WithExpressionBody(null).WithSemicolonToken(default).WithBody(body),
            _ => member,
        };
        return changed.WithTriviaFrom(member).WithAdditionalAnnotations(Formatter.Annotation);
    }

    // ---- SetOrThrow ----

    /// <summary>Whether the receiver has the throwing variant with the same parameters, and the call may stand alone.</summary>
    private static bool CanThrow(DropSite site, IMethodSymbol method, SemanticModel model)
    {
        if (site.IsAwaited || method.ReturnType is INamedTypeSymbol { Name: "Task" or "ValueTask" })
            return false;
        if (site.Shape == DropShape.Local && (site.Node is not LocalDeclarationStatementSyntax || IsMentionedElsewhere(site)))
            return false;
        for (INamedTypeSymbol? type = method.ContainingType; type is not null; type = type.BaseType)
        {
            foreach (IMethodSymbol candidate in type.GetMembers(method.Name + "OrThrow").OfType<IMethodSymbol>())
            {
                if (candidate.IsStatic == method.IsStatic && candidate.Parameters.Length == method.Parameters.Length && model.IsAccessible(site.Call.SpanStart, candidate)
                    && candidate.Parameters.Zip(method.Parameters, static (a, b) => SymbolEqualityComparer.Default.Equals(a.Type, b.Type) && a.RefKind == b.RefKind).All(static same => same))
                    return true;
            }
        }
        return false;
    }

    private static bool IsMentionedElsewhere(DropSite site)
    {
        SyntaxNode? scope = site.Node.FirstAncestorOrSelf<MemberDeclarationSyntax>(static m => m is not GlobalStatementSyntax) ?? site.Node.SyntaxTree.GetRoot();
        return scope.DescendantNodes().OfType<IdentifierNameSyntax>().Any(n => n.Identifier.ValueText == site.Local);
    }

    private static SyntaxNode Throw(SyntaxNode root, DropSite site)
    {
        ExpressionSyntax value = site.Value.ReplaceNode(site.Call, Renamed(site.Call));
        return site.Shape switch
        {
            DropShape.Statement => root.ReplaceNode(site.Node, ((ExpressionStatementSyntax)site.Node).WithExpression(value.WithTriviaFrom(((ExpressionStatementSyntax)site.Node).Expression))),
            DropShape.Local => root.ReplaceNode(site.Node, SyntaxFactory.ExpressionStatement(value.WithoutTrivia()).WithTriviaFrom(site.Node).WithAdditionalAnnotations(Formatter.Annotation)),
            _ => root.ReplaceNode(site.Call, Renamed(site.Call)),
        };
    }

    private static InvocationExpressionSyntax Renamed(InvocationExpressionSyntax call)
    {
        ExpressionSyntax target = call.Expression switch
        {
            MemberAccessExpressionSyntax member => member.WithName(Rename(member.Name)),
            MemberBindingExpressionSyntax binding => binding.WithName(Rename(binding.Name)),
            SimpleNameSyntax name => Rename(name),
            var other => other,
        };
        return call.WithExpression(target);

        static SimpleNameSyntax Rename(SimpleNameSyntax name) => name.WithIdentifier(SyntaxFactory.Identifier(name.Identifier.ValueText + "OrThrow").WithTriviaFrom(name.Identifier));
    }
}
