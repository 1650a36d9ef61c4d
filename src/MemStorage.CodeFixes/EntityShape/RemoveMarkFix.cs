using System.Collections.Immutable;
using System.Composition;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

namespace MemStorage.CodeFixes.EntityShape;

/// <summary>MST0007: takes the second <c>[MemStorageVersion]</c> away; MST0009: takes <c>[MemoryPackIgnore]</c> away.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class RemoveMarkFix : ShapeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(ShapeRules.SeveralVersions.Id, ShapeRules.NotStored.Id);

    /// <inheritdoc/>
    protected override void Register(CodeFixContext context, Diagnostic diagnostic, SyntaxNode declaration, SemanticModel model)
    {
        (string attribute, string title) = diagnostic.Id == ShapeRules.SeveralVersions.Id
            ? ("MemStorage.MemStorageVersionAttribute", "Remove [MemStorageVersion] here")
            : ("MemoryPack.MemoryPackIgnoreAttribute", "Remove [MemoryPackIgnore]");
        if (FindAttribute(declaration, model, attribute) is { } mark)
            Offer(context, diagnostic, title, editor => Remove(editor, mark));
    }
}
