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

/// <summary>The fixes of MST2002 (<c>TryUpdate</c>), MST2003 (the version that was read), MST2004 (add the version), MST2005 (the new version), MST2008 (the store's clock) and MST2009 (remove the assignment).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(VersionCodeFix)), Shared]
public sealed class VersionCodeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } =
        ImmutableArray.Create(VersionRules.LostUpdateId, VersionRules.ForeignVersionId, VersionRules.BlindDeleteId, VersionRules.StaleVersionId, VersionRules.ClockVersionId, VersionRules.VersionAssignedId);

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
            SyntaxNode node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
            (string Title, SyntaxNode Root)? fix = diagnostic.Id switch
            {
                VersionRules.LostUpdateId => PassVersion(root, node, model),
                VersionRules.ForeignVersionId => StaleVersionFix.UseRead(root, node, model, diagnostic),
                VersionRules.StaleVersionId => StaleVersionFix.UseNew(root, node, model, diagnostic),
                VersionRules.BlindDeleteId => AddVersion(root, node, model, diagnostic),
                VersionRules.ClockVersionId => UseStoreClock(root, node, model),
                VersionRules.VersionAssignedId => RemoveAssignment(root, node),
                _ => null,
            };
            if (fix is { } f)
                context.RegisterCodeFix(CodeAction.Create(f.Title, _ => Task.FromResult(context.Document.WithSyntaxRoot(f.Root)), diagnostic.Id), diagnostic);
        }
    }

    /// <summary><c>orders.Set(o)</c> as a statement or in <c>if (… is not SetResult.Stored)</c> becomes <c>orders.TryUpdate(o)</c>.</summary>
    private static (string, SyntaxNode)? PassVersion(SyntaxNode root, SyntaxNode node, SemanticModel model)
    {
        if (node.FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { ArgumentList.Arguments.Count: 1, Expression: MemberAccessExpressionSyntax member } call
            || model.GetTypeInfo(call.ArgumentList.Arguments[0].Expression).Type is not { } entity || !HasVersion(entity)
            || model.GetSymbolInfo(call).Symbol is not IMethodSymbol { Parameters: [{ RefKind: RefKind.None }] })
            return null;
        InvocationExpressionSyntax update = call.WithExpression(member.WithName(SyntaxFactory.IdentifierName("TryUpdate").WithTriviaFrom(member.Name)));
        if (model.GetSpeculativeSymbolInfo(call.SpanStart, update, SpeculativeBindingOption.BindAsExpression).Symbol is not IMethodSymbol { ReturnType: { Name: "UpdateResult" } result })
            return null;
        string updated = result.ToMinimalDisplayString(model, call.SpanStart) + ".Updated";
        const string title = "Update with the version that was read";

        switch (call.Parent)
        {
            case ExpressionStatementSyntax { Parent: BlockSyntax or SwitchSectionSyntax or GlobalStatementSyntax } statement:
                string exception = model.Compilation.GetTypeByMetadataName("System.InvalidOperationException")?.ToMinimalDisplayString(model, call.SpanStart) ?? "global::System.InvalidOperationException";
                StatementSyntax check = SyntaxFactory
                    .ParseStatement($"if ({update.WithoutTrivia()} is not {updated})\n{{\nthrow new {exception}(\"Another write came in between.\");\n}}")
                    .WithTriviaFrom(statement).WithAdditionalAnnotations(Formatter.Annotation);
                return (title, root.ReplaceNode(statement, check));
            case IsPatternExpressionSyntax { Pattern: UnaryPatternSyntax { Pattern: ConstantPatternSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Stored" } stored } } }:
                return (title, Replace(stored));
            case IsPatternExpressionSyntax { Pattern: ConstantPatternSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Stored" } stored } }:
                return (title, Replace(stored));
            case BinaryExpressionSyntax { Right: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Stored" } stored }:
                return (title, Replace(stored));
            case IsPatternExpressionSyntax or BinaryExpressionSyntax:
            default:
                return null;
        }

        SyntaxNode Replace(MemberAccessExpressionSyntax stored) => root.ReplaceNodes(
            new SyntaxNode[] { call, stored }, (old, _) => old == call ? update : SyntaxFactory.ParseExpression(updated).WithTriviaFrom(old));
    }

    private static bool HasVersion(ITypeSymbol entity)
    {
        for (ITypeSymbol? type = entity; type is not null; type = type.BaseType)
        {
            if (type.GetMembers().Any(static m => m.GetAttributes().Any(static a => a.AttributeClass is { Name: "MemStorageVersionAttribute" })))
                return true;
        }
        return false;
    }

    /// <summary><c>orders.Delete(id)</c> becomes <c>orders.Delete(id, o.Version)</c>, where the analyzer saw which variable holds what was read.</summary>
    private static (string, SyntaxNode)? AddVersion(SyntaxNode root, SyntaxNode node, SemanticModel model, Diagnostic diagnostic)
    {
        if (!diagnostic.Properties.TryGetValue("Version", out string? version) || version is null || node.FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { } call || RepeatsWithout(version, call, model))
            return null;
        ExpressionSyntax argument = SyntaxFactory.ParseExpression(version);
        InvocationExpressionSyntax changed = call.AddArgumentListArguments(SyntaxFactory.Argument(argument).WithLeadingTrivia(SyntaxFactory.Space));
        bool compiles = call.Expression is MemberAccessExpressionSyntax
            && model.GetSpeculativeTypeInfo(call.SpanStart, argument, SpeculativeBindingOption.BindAsExpression).Type is { SpecialType: SpecialType.System_Int64 }
            && model.GetSpeculativeSymbolInfo(call.SpanStart, changed, SpeculativeBindingOption.BindAsExpression).Symbol is IMethodSymbol;
        return compiles ? ($"Delete only {version}", root.ReplaceNode(call, changed)) : null;
    }

    /// <summary>In a loop that does not read again, a version that was refused would be refused for ever.</summary>
    private static bool RepeatsWithout(string version, SyntaxNode call, SemanticModel model)
    {
        string variable = version.Split('.')[0];
        SyntaxNode? loop = call.Ancestors().TakeWhile(static n => n is not MemberDeclarationSyntax).FirstOrDefault(static n => n is WhileStatementSyntax or DoStatementSyntax or ForStatementSyntax or CommonForEachStatementSyntax);
        if (loop is null || model.LookupSymbols(call.SpanStart, name: variable).FirstOrDefault() is not { DeclaringSyntaxReferences: [{ } declaration, ..] } || loop.Span.Contains(declaration.Span))
            return false;
        return !loop.DescendantNodes().OfType<IdentifierNameSyntax>().Any(n => n.Identifier.ValueText == variable
            && (n.Parent is ArgumentSyntax { RefKindKeyword.RawKind: (int)SyntaxKind.OutKeyword } || (n.Parent is AssignmentExpressionSyntax assignment && assignment.Left == n)));
    }

    /// <summary>The clock's reading in a version argument becomes <c>store.Clock.Next()</c>, where it is plain which store.</summary>
    private static (string, SyntaxNode)? UseStoreClock(SyntaxNode root, SyntaxNode node, SemanticModel model)
    {
        ExpressionSyntax? value = node as ExpressionSyntax ?? (node as ArgumentSyntax)?.Expression;
        if (value is not { Parent: ArgumentSyntax { Parent.Parent: ExpressionSyntax owner } })
            return null;
        string? store = owner switch
        {
            InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax or MemberAccessExpressionSyntax } member } => member.Expression.ToString(),
            _ => null,
        };
        foreach (string? candidate in store is null ? StoresInScope(model, value.SpanStart) : new[] { store, store + ".Store" })
        {
            ExpressionSyntax next = SyntaxFactory.ParseExpression(candidate + ".Clock.Next()");
            if (model.GetSpeculativeSymbolInfo(value.SpanStart, next, SpeculativeBindingOption.BindAsExpression).Symbol is IMethodSymbol { ContainingType.Name: "HybridLogicalClock" })
                return ($"Use {candidate}.Clock.Next()", root.ReplaceNode(value, next.WithTriviaFrom(value)));
        }
        return null;
    }

    /// <summary>The one variable in scope that holds a store; none when there are several.</summary>
    private static string[] StoresInScope(SemanticModel model, int position)
    {
        string[] names = model.LookupSymbols(position)
            .Where(s => s switch
            {
                ILocalSymbol local => IsStore(local.Type) && local.DeclaringSyntaxReferences.All(r => r.Span.End < position),
                IParameterSymbol parameter => IsStore(parameter.Type),
                IFieldSymbol field => IsStore(field.Type),
                IPropertySymbol property => IsStore(property.Type),
                _ => false,
            })
            .Select(static s => s.Name)
            .ToArray();
        return names.Length == 1 ? names : Array.Empty<string>();

        static bool IsStore(ITypeSymbol type) => type is { Name: "MemStore", ContainingNamespace.Name: "MemStorage" };
    }

    /// <summary>Removes an assignment that is a statement and whose value does nothing else.</summary>
    private static (string, SyntaxNode)? RemoveAssignment(SyntaxNode root, SyntaxNode node)
    {
        ExpressionSyntax? assignment = node.FirstAncestorOrSelf<ExpressionSyntax>(static e => e is AssignmentExpressionSyntax or PostfixUnaryExpressionSyntax or PrefixUnaryExpressionSyntax);
        if (assignment?.Parent is not ExpressionStatementSyntax { Parent: BlockSyntax or SwitchSectionSyntax } statement || assignment is AssignmentExpressionSyntax { Left: TupleExpressionSyntax })
            return null;
        bool hasEffects = assignment.DescendantNodes().Any(static n => n is InvocationExpressionSyntax or AssignmentExpressionSyntax or AwaitExpressionSyntax or ObjectCreationExpressionSyntax
            || n.IsKind(SyntaxKind.PostIncrementExpression) || n.IsKind(SyntaxKind.PreIncrementExpression) || n.IsKind(SyntaxKind.PostDecrementExpression) || n.IsKind(SyntaxKind.PreDecrementExpression));
        if (hasEffects || (statement.Parent is SwitchSectionSyntax { Statements.Count: 1 }))
            return null;
        if (statement.ContainsDirectives)
            return null;
        // comments above may speak of what follows: they stay, without the indentation of the statement itself
        SyntaxTriviaList leading = statement.GetLeadingTrivia();
        bool hasComments = leading.Any(static t => t.IsKind(SyntaxKind.SingleLineCommentTrivia) || t.IsKind(SyntaxKind.MultiLineCommentTrivia));
        if (!hasComments)
            return root.RemoveNode(statement, SyntaxRemoveOptions.KeepNoTrivia) is { } bare ? ("Remove the assignment", bare) : null;
        if (leading.Count > 0 && leading.Last().IsKind(SyntaxKind.WhitespaceTrivia))
            leading = leading.RemoveAt(leading.Count - 1);
        var mark = new SyntaxAnnotation();
        SyntaxNode trimmed = root.ReplaceNode(statement, statement.WithLeadingTrivia(leading).WithAdditionalAnnotations(mark));
        return trimmed.RemoveNode(trimmed.GetAnnotatedNodes(mark).Single(), SyntaxRemoveOptions.KeepLeadingTrivia) is { } changed
            ? ("Remove the assignment", changed) : null;
    }
}
