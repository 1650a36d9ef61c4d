using System.Collections.Immutable;
using System.Composition;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.CodeFixes.EntityShape;

/// <summary>MST0019: writes the time as hours, which were most likely meant, or as the days that it is now.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class AmbiguousTimeFix : ShapeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(ShapeRules.AmbiguousTime.Id);

    /// <inheritdoc/>
    protected override void Register(CodeFixContext context, Diagnostic diagnostic, SyntaxNode declaration, SemanticModel model)
    {
        // a constant that the argument names may mean something else elsewhere: only what is written here is changed
        if (FindAttribute(declaration, model, "MemStorage.MemStorageEntityAttribute")?.ArgumentList?.Arguments.FirstOrDefault(static a => a.NameEquals?.Name.Identifier.ValueText == "TimeToLive")
            is not { Expression: LiteralExpressionSyntax { RawKind: (int)SyntaxKind.StringLiteralExpression } literal })
        {
            return;
        }
        foreach (string property in new[] { ShapeRules.TimeInHoursProperty, ShapeRules.TimeInDaysProperty })
        {
            if (diagnostic.Properties.TryGetValue(property, out string? text) && text is not null)
            {
                Offer(context, diagnostic, $"Write \"{text}\"", editor => editor.ReplaceNode(
                    literal, SyntaxFactory.LiteralExpression(SyntaxKind.StringLiteralExpression, SyntaxFactory.Literal(text)).WithTriviaFrom(literal)));
            }
        }
    }
}
