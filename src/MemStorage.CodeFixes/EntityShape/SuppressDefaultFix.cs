using System.Collections.Immutable;
using System.Composition;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace MemStorage.CodeFixes.EntityShape;

/// <summary>MST0020: adds <c>[SuppressDefaultInitialization]</c>, with which a member that a record lacks keeps what its initializer says.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class SuppressDefaultFix : ShapeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(ShapeRules.LosesInitializer.Id);

    /// <inheritdoc/>
    protected override void Register(CodeFixContext context, Diagnostic diagnostic, SyntaxNode declaration, SemanticModel model)
    {
        // MemoryPack assigns such a member after construction, which init does not allow
        bool settable = declaration is FieldDeclarationSyntax { Declaration.Variables.Count: 1 }
            || (declaration is PropertyDeclarationSyntax { AccessorList: { } accessors } && accessors.Accessors.Any(SyntaxKind.SetAccessorDeclaration));
        if (!settable)
            return;
        Offer(context, diagnostic, "Mark it [SuppressDefaultInitialization]", editor =>
        {
            if (Attribute(model, editor.Generator, "MemoryPack.SuppressDefaultInitializationAttribute") is { } attribute)
                editor.AddAttribute(declaration, attribute);
        });
    }
}
