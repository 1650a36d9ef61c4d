using System.Collections.Immutable;
using System.Composition;
using MemStorage.Analyzers.Sharing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.CodeFixes.Sharing;

/// <summary>Reads a copy instead of the shared object: <c>GetNoCopy</c> becomes <c>Get</c>, <c>TryGetNoCopy</c> becomes <c>TryGet</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ReadCopyCodeFix)), Shared]
public sealed class ReadCopyCodeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } =
        ImmutableArray.Create(SharingRules.ChangeId, SharingRules.PassedToMutatorId, SharingRules.StoredId, SharingRules.StoredBackId, SharingRules.WritableEscapeId);

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => FixAllProvider.Create(static async (context, document, diagnostics) =>
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
            return document;
        var names = new HashSet<SimpleNameSyntax>();
        foreach (Diagnostic diagnostic in diagnostics)
        {
            foreach (SimpleNameSyntax name in ReadsOf(diagnostic, root, model, context.CancellationToken))
                names.Add(name);
        }
        return document.WithSyntaxRoot(root.ReplaceNodes(names, static (_, now) => Renamed(now)));
    });

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
            return;
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            SimpleNameSyntax[] names = ReadsOf(diagnostic, root, model, context.CancellationToken);
            if (names.Length == 0)
                continue;
            string title = $"Read a copy with '{CopyName(names[0].Identifier.ValueText)}'";
            context.RegisterCodeFix(CodeAction.Create(title, _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNodes(names, static (_, now) => Renamed(now)))), "MemStorage.ReadCopy"), diagnostic);
        }
    }

    /// <summary>The names of the reads behind a diagnostic; none when one of them has no counterpart that would compile in its place.</summary>
    private static SimpleNameSyntax[] ReadsOf(Diagnostic diagnostic, SyntaxNode root, SemanticModel model, CancellationToken cancellationToken)
    {
        var names = new List<SimpleNameSyntax>();
        foreach (Location location in diagnostic.AdditionalLocations)
        {
            if (location.SourceTree != root.SyntaxTree || root.FindNode(location.SourceSpan, getInnermostNodeForTie: true).FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { } call)
                return [];
            SimpleNameSyntax? name = call.Expression switch
            {
                MemberAccessExpressionSyntax member => member.Name,
                MemberBindingExpressionSyntax binding => binding.Name,
                SimpleNameSyntax simple => simple,
                _ => null,
            };
            if (name is null || !HasCounterpart(call, name, model, cancellationToken))
                return [];
            names.Add(name);
        }
        return [.. names.Distinct()];
    }

    /// <summary>Whether the type of the read has a method of the other name with the same parameters and result.</summary>
    private static bool HasCounterpart(InvocationExpressionSyntax call, SimpleNameSyntax name, SemanticModel model, CancellationToken cancellationToken)
    {
        string text = name.Identifier.ValueText;
        string copy = CopyName(text);
        if (copy == text || model.GetSymbolInfo(call, cancellationToken).Symbol is not IMethodSymbol method)
            return false;
        return model.LookupSymbols(call.SpanStart, method.ReceiverType ?? method.ContainingType, copy).OfType<IMethodSymbol>().Any(candidate =>
            candidate.IsStatic == method.IsStatic && candidate.Arity == method.Arity
            && SymbolEqualityComparer.Default.Equals(candidate.ReturnType, method.ReturnType)
            && candidate.Parameters.Length == method.Parameters.Length
            && candidate.Parameters.Zip(method.Parameters, static (a, b) => a.RefKind == b.RefKind && SymbolEqualityComparer.Default.Equals(a.Type, b.Type)).All(static same => same));
    }

    private static string CopyName(string name) => name.EndsWith("NoCopy", StringComparison.Ordinal) ? name.Substring(0, name.Length - "NoCopy".Length) : name;

    private static SimpleNameSyntax Renamed(SimpleNameSyntax name) =>
        name.WithIdentifier(SyntaxFactory.Identifier(CopyName(name.Identifier.ValueText)).WithTriviaFrom(name.Identifier));
}
