using System.Collections.Immutable;
using System.Composition;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.CodeFixes.EntityShape;

/// <summary>MST0006: makes the version member a <c>long</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class VersionTypeFix : ShapeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(ShapeRules.VersionType.Id);

    /// <inheritdoc/>
    protected override void Register(CodeFixContext context, Diagnostic diagnostic, SyntaxNode declaration, SemanticModel model)
    {
        TypeSyntax? type = declaration switch
        {
            PropertyDeclarationSyntax property => property.Type,
            FieldDeclarationSyntax { Declaration.Variables.Count: 1 } field => field.Declaration.Type,
            ParameterSyntax parameter => parameter.Type,
            _ => null,
        };
        if (type is not null)
        {
            Offer(context, diagnostic, "Change the type to 'long'", editor => editor.ReplaceNode(
                type, SyntaxFactory.PredefinedType(SyntaxFactory.Token(SyntaxKind.LongKeyword)).WithTriviaFrom(type)));
        }
    }
}
