using System.Collections.Immutable;
using System.Composition;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace MemStorage.CodeFixes.EntityShape;

/// <summary>MST0003: numbers the parts of a composite key as they are declared, or takes one mark away.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class NumberKeysFix : ShapeFix
{
    private const string KeyAttribute = "MemStorage.MemStorageKeyAttribute";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(ShapeRules.KeyOrder.Id);

    /// <inheritdoc/>
    protected override void Register(CodeFixContext context, Diagnostic diagnostic, SyntaxNode declaration, SemanticModel model)
    {
        if (declaration.FirstAncestorOrSelf<TypeDeclarationSyntax>() is not { } type || FindAttribute(declaration, model, KeyAttribute) is not { } marked)
            return;
        List<AttributeSyntax> marks =
        [
            .. type.DescendantNodes(n => n == type || n is not TypeDeclarationSyntax).OfType<AttributeSyntax>()
                .Where(a => model.GetSymbolInfo(a, context.CancellationToken).Symbol?.ContainingType.ToDisplayString() == KeyAttribute),
        ];
        Offer(context, diagnostic, "Number the key members in the order of their declaration", editor => Number(editor, marks));
        Offer(context, diagnostic, "Remove [MemStorageKey] here", editor => Remove(editor, marked));
    }

    private static void Number(DocumentEditor editor, List<AttributeSyntax> marks)
    {
        for (int i = 0; i < marks.Count; i++)
        {
            AttributeArgumentSyntax number = SyntaxFactory.AttributeArgument(SyntaxFactory.LiteralExpression(SyntaxKind.NumericLiteralExpression, SyntaxFactory.Literal(i)));
            editor.ReplaceNode(marks[i], marks[i].WithArgumentList(SyntaxFactory.AttributeArgumentList(SyntaxFactory.SingletonSeparatedList(number))));
        }
    }
}
