using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace MemStorage.CodeFixes.EntityShape;

/// <summary>What the fixes of the entity rules share: finding the declaration a diagnostic is about, and changing one document.</summary>
public abstract class ShapeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
            return;
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            SyntaxNode node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
            if (node.FirstAncestorOrSelf<SyntaxNode>(IsDeclaration) is { } declaration)
                Register(context, diagnostic, declaration, model);
        }
    }

    /// <summary>Offers what can be done about the diagnostic; every condition is checked here, so that nothing is offered that does not help.</summary>
    /// <param name="context">Takes the fix.</param>
    /// <param name="diagnostic">The diagnostic.</param>
    /// <param name="declaration">The type, property, field or positional parameter it is about.</param>
    /// <param name="model">Answers questions about the document.</param>
    protected abstract void Register(CodeFixContext context, Diagnostic diagnostic, SyntaxNode declaration, SemanticModel model);

    /// <summary>Offers a change of the document.</summary>
    protected static void Offer(CodeFixContext context, Diagnostic diagnostic, string title, Action<DocumentEditor> change) => context.RegisterCodeFix(
        CodeAction.Create(title, cancellationToken => EditAsync(context.Document, change, cancellationToken), equivalenceKey: title), diagnostic);

    /// <summary>An attribute of this full name, imported where it is used; null when the compilation does not know it.</summary>
    protected static SyntaxNode? Attribute(SemanticModel model, SyntaxGenerator generator, string fullName)
    {
        if (model.Compilation.GetTypeByMetadataName(fullName) is not { } type)
            return null;
        SyntaxNode name = generator.TypeExpression(type, addImport: true).WithAdditionalAnnotations(Simplifier.AddImportsAnnotation, Simplifier.Annotation);
        return generator.Attribute(name).WithAdditionalAnnotations(Formatter.Annotation);
    }

    /// <summary>The attribute lists of a declaration that carry an attribute of this class, with the attribute.</summary>
    protected static AttributeSyntax? FindAttribute(SyntaxNode declaration, SemanticModel model, string fullName)
    {
        foreach (AttributeSyntax attribute in AttributeLists(declaration).SelectMany(static l => l.Attributes))
        {
            if (model.GetSymbolInfo(attribute).Symbol?.ContainingType.ToDisplayString() == fullName)
                return attribute;
        }
        return null;
    }

    /// <summary>Takes an attribute away, and its brackets when it is alone in them.</summary>
    protected static void Remove(DocumentEditor editor, AttributeSyntax attribute)
    {
        AttributeListSyntax list = (AttributeListSyntax)attribute.Parent!;
        if (list.Attributes.Count > 1)
        {
            editor.RemoveNode(attribute, SyntaxRemoveOptions.KeepUnbalancedDirectives);
            return;
        }
        // on a line of its own the line goes; otherwise what stood before the brackets now stands before the rest of the line
        bool ownLine = list.GetTrailingTrivia().Any(SyntaxKind.EndOfLineTrivia) && !list.GetLeadingTrivia().Any(static t => t.HasStructure || t.IsKind(SyntaxKind.SingleLineCommentTrivia));
        editor.RemoveNode(list, ownLine ? SyntaxRemoveOptions.KeepUnbalancedDirectives : SyntaxRemoveOptions.KeepLeadingTrivia | SyntaxRemoveOptions.KeepUnbalancedDirectives);
    }

    private static SyntaxList<AttributeListSyntax> AttributeLists(SyntaxNode declaration) => declaration switch
    {
        MemberDeclarationSyntax member => member.AttributeLists,
        ParameterSyntax parameter => parameter.AttributeLists,
        _ => default,
    };

    private static bool IsDeclaration(SyntaxNode node) => node is TypeDeclarationSyntax or PropertyDeclarationSyntax or FieldDeclarationSyntax or ParameterSyntax;

    private static async Task<Document> EditAsync(Document document, Action<DocumentEditor> change, CancellationToken cancellationToken)
    {
        DocumentEditor editor = await DocumentEditor.CreateAsync(document, cancellationToken).ConfigureAwait(false);
        change(editor);
        return editor.GetChangedDocument();
    }
}
