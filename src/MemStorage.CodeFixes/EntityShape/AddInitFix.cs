using System.Collections.Immutable;
using System.Composition;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.CodeFixes.EntityShape;

/// <summary>MST0015: gives a getter-only property an <c>init</c> accessor, with which MemoryPack can set it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class AddInitFix : ShapeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(ShapeRules.LosesValues.Id);

    /// <inheritdoc/>
    protected override void Register(CodeFixContext context, Diagnostic diagnostic, SyntaxNode declaration, SemanticModel model)
    {
        // only where the compiler writes the getter: what another one returns, an accessor would have to set; an override cannot add one
        if (declaration is not PropertyDeclarationSyntax { AccessorList: { Accessors: [{ RawKind: (int)SyntaxKind.GetAccessorDeclaration, Body: null, ExpressionBody: null }] } accessors } property
            || property.Modifiers.Any(SyntaxKind.OverrideKeyword))
        {
            return;
        }
        Offer(context, diagnostic, "Add 'init'", editor =>
        {
            AccessorDeclarationSyntax init = SyntaxFactory.AccessorDeclaration(
                SyntaxKind.InitAccessorDeclaration, default, default, SyntaxFactory.Token(SyntaxKind.InitKeyword), null, null, SyntaxFactory.Token(SyntaxKind.SemicolonToken))
                .WithTrailingTrivia(accessors.Accessors[0].GetTrailingTrivia());
            AccessorDeclarationSyntax get = accessors.Accessors[0].WithTrailingTrivia(SyntaxFactory.Space);
            editor.ReplaceNode(accessors, accessors.WithAccessors(SyntaxFactory.List([get, init])));
        });
    }
}
