using System.Collections.Immutable;
using System.Composition;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace MemStorage.CodeFixes.EntityShape;

/// <summary>MST0002: marks the property <c>Id</c> or <c>&lt;Type&gt;Id</c> as the key.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class MarkKeyFix : ShapeFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(ShapeRules.NoKey.Id);

    /// <inheritdoc/>
    protected override void Register(CodeFixContext context, Diagnostic diagnostic, SyntaxNode declaration, SemanticModel model)
    {
        if (declaration is not TypeDeclarationSyntax type || model.GetDeclaredSymbol(type, context.CancellationToken) is not INamedTypeSymbol entity)
            return;
        foreach (string name in new[] { "Id", entity.Name + "Id", "ID", "Key" })
        {
            ISymbol? member = entity.GetMembers(name).FirstOrDefault(static m => m is IPropertySymbol { IsStatic: false } or IFieldSymbol { IsStatic: false });
            SyntaxNode? written = member?.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(context.CancellationToken);
            if (written?.SyntaxTree != type.SyntaxTree)
                continue;
            // a field's declaration stands around its name, and may declare several
            if (written is VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax { Variables.Count: 1, Parent: FieldDeclarationSyntax field } })
                written = field;
            if (written is not (PropertyDeclarationSyntax or FieldDeclarationSyntax))
                continue;
            Offer(context, diagnostic, $"Mark '{name}' as the key", editor =>
            {
                if (Attribute(model, editor.Generator, "MemStorage.MemStorageKeyAttribute") is { } attribute)
                    editor.AddAttribute(written, attribute);
            });
            return;
        }
    }
}
