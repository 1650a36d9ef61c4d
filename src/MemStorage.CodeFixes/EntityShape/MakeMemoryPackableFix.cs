using System.Collections.Immutable;
using System.Composition;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace MemStorage.CodeFixes.EntityShape;

/// <summary>MST0001: adds <c>[MemoryPackable]</c> and <c>partial</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class MakeMemoryPackableFix : ShapeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(ShapeRules.NotMemoryPackable.Id);

    /// <inheritdoc/>
    protected override void Register(CodeFixContext context, Diagnostic diagnostic, SyntaxNode declaration, SemanticModel model)
    {
        if (declaration is not TypeDeclarationSyntax)
            return;
        Offer(context, diagnostic, "Make it [MemoryPackable]", editor =>
        {
            if (Attribute(model, editor.Generator, "MemoryPack.MemoryPackableAttribute") is not { } attribute)
                return;
            editor.SetModifiers(declaration, editor.Generator.GetModifiers(declaration).WithPartial(true));
            editor.AddAttribute(declaration, attribute);
        });
    }
}
