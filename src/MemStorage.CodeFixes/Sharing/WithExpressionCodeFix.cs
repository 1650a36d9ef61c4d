using System.Collections.Immutable;
using System.Composition;
using MemStorage.Analyzers.Sharing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.CodeFixes.Sharing;

/// <summary><c>x.Member = value;</c> on a record becomes <c>x = x with { Member = value };</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(WithExpressionCodeFix)), Shared]
public sealed class WithExpressionCodeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(SharingRules.ChangeId);

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
            if (root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is not MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax variable } member
                || member.Parent is not AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Parent: ExpressionStatementSyntax } assignment
                || assignment.Left != member || !CanRebind(variable, member, model, context.CancellationToken))
                continue;
            context.RegisterCodeFix(CodeAction.Create($"Change a copy: '{variable} = {variable} with {{ … }}'", _ => Task.FromResult(Rewrite(context.Document, root, assignment, variable, member)), "MemStorage.With"), diagnostic);
        }
    }

    /// <summary>A record, a variable that may be assigned, and a member that may stand in an initializer.</summary>
    private static bool CanRebind(IdentifierNameSyntax variable, MemberAccessExpressionSyntax member, SemanticModel model, CancellationToken cancellationToken)
    {
        if (model.GetTypeInfo(variable, cancellationToken).Type is not INamedTypeSymbol { IsRecord: true })
            return false;
        bool assignable = model.GetSymbolInfo(variable, cancellationToken).Symbol switch
        {
            ILocalSymbol { IsUsing: false, IsConst: false, RefKind: RefKind.None } local => !IsIterationVariable(local),
            IParameterSymbol { RefKind: RefKind.None } => true,
            _ => false,
        };
        return assignable && model.GetSymbolInfo(member, cancellationToken).Symbol is IPropertySymbol { IsStatic: false, IsIndexer: false, SetMethod: not null } or IFieldSymbol { IsStatic: false, IsReadOnly: false };
    }

    private static bool IsIterationVariable(ILocalSymbol local) =>
        local.DeclaringSyntaxReferences.Any(static r => r.GetSyntax() is ForEachStatementSyntax or SingleVariableDesignationSyntax { Parent.Parent: ForEachVariableStatementSyntax });

    private static Document Rewrite(Document document, SyntaxNode root, AssignmentExpressionSyntax assignment, IdentifierNameSyntax variable, MemberAccessExpressionSyntax member)
    {
        // From text: the value keeps its own line breaks and comments.
        string name = variable.WithoutTrivia().ToString();
        ExpressionSyntax parsed = SyntaxFactory.ParseExpression($"{name} = {name} with {{ {member.Name.WithoutTrivia()} = {assignment.Right.WithoutTrivia()} }}");
        return document.WithSyntaxRoot(root.ReplaceNode(assignment, parsed.WithTriviaFrom(assignment)));
    }
}
