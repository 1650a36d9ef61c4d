using System.Collections.Immutable;
using System.Composition;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace MemStorage.CodeFixes.EntityShape;

/// <summary>MST0010 and MST0015: adds <c>[MemoryPackIgnore]</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class IgnoreMemberFix : ShapeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(ShapeRules.UnstorableMember.Id, ShapeRules.LosesValues.Id);

    /// <inheritdoc/>
    protected override void Register(CodeFixContext context, Diagnostic diagnostic, SyntaxNode declaration, SemanticModel model)
    {
        // a positional parameter would need [property: …] and a default; there the author has to decide
        if (declaration is not (PropertyDeclarationSyntax or FieldDeclarationSyntax { Declaration.Variables.Count: 1 }))
            return;
        // a key or a version has to be stored
        if (diagnostic.Id == ShapeRules.LosesValues.Id && diagnostic.Properties.ContainsKey(ShapeRules.MarkedProperty))
            return;
        Offer(context, diagnostic, "Mark it [MemoryPackIgnore]", editor =>
        {
            if (Attribute(model, editor.Generator, "MemoryPack.MemoryPackIgnoreAttribute") is { } attribute)
                editor.AddAttribute(declaration, attribute);
        });
    }
}
