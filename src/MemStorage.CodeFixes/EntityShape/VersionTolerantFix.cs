using System.Collections.Immutable;
using System.Composition;
using System.Globalization;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace MemStorage.CodeFixes.EntityShape;

/// <summary>
/// MST0013: makes the entity <c>VersionTolerant</c> and numbers its members in the order in which they are stored now, so that later shapes can be read.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class VersionTolerantFix : ShapeFix
{
    private const string MemoryPackable = "MemoryPack.MemoryPackableAttribute";
    private const string MemoryPackOrder = "MemoryPack.MemoryPackOrderAttribute";
    private const string GenerateType = "MemoryPack.GenerateType";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(ShapeRules.ShapeChanged.Id);

    /// <inheritdoc/>
    protected override void Register(CodeFixContext context, Diagnostic diagnostic, SyntaxNode declaration, SemanticModel model)
    {
        // the names of the stored members, in order, as the parser that found the change has them
        if (declaration is not TypeDeclarationSyntax type || !diagnostic.Properties.TryGetValue(ShapeRules.StoredMembersProperty, out string? stored) || stored is null)
            return;
        if (FindAttribute(type, model, MemoryPackable) is not { } attribute || !IsPlain(attribute))
            return;
        string[] names = stored.Split(' ');
        List<SyntaxNode> members = [];
        foreach (string name in names)
        {
            if (Declaration(type, name) is not { } member || FindAttribute(member, model, MemoryPackOrder) is not null)
                return; // inherited, declared in another part, or numbered by hand: there the author has to decide
            members.Add(member);
        }
        Offer(context, diagnostic, "Make it version-tolerant", editor =>
        {
            for (int i = 0; i < members.Count; i++)
                AddOrder(editor, model, members[i], i);
            editor.ReplaceNode(attribute, (node, generator) => Tolerant((AttributeSyntax)node, model, generator));
        });
    }

    // [MemoryPackable] without a choice of its own, or with that of the usual mode
    private static bool IsPlain(AttributeSyntax attribute) =>
        attribute.ArgumentList is null or { Arguments.Count: 0 }
        || attribute.ArgumentList is { Arguments: [{ Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Object" } }] };

    private static AttributeSyntax Tolerant(AttributeSyntax attribute, SemanticModel model, SyntaxGenerator generator)
    {
        if (model.Compilation.GetTypeByMetadataName(GenerateType) is not { } mode)
            return attribute;
        ExpressionSyntax value = (ExpressionSyntax)generator.MemberAccessExpression(generator.TypeExpression(mode, addImport: true), "VersionTolerant");
        return attribute.WithArgumentList(SyntaxFactory.AttributeArgumentList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.AttributeArgument(value))));
    }

    private static SyntaxNode? Declaration(TypeDeclarationSyntax type, string name)
    {
        if (type.ParameterList?.Parameters.FirstOrDefault(p => p.Identifier.ValueText == name) is { } parameter && type is RecordDeclarationSyntax)
            return parameter;
        foreach (MemberDeclarationSyntax member in type.Members)
        {
            switch (member)
            {
                case PropertyDeclarationSyntax property when property.Identifier.ValueText == name:
                case FieldDeclarationSyntax { Declaration.Variables: [var variable] } when variable.Identifier.ValueText == name:
                    return member;
            }
        }
        return null;
    }

    private static void AddOrder(DocumentEditor editor, SemanticModel model, SyntaxNode member, int order)
    {
        if (Attribute(model, editor.Generator, MemoryPackOrder) is not AttributeListSyntax { Attributes: [{ } attribute] })
            return;
        LiteralExpressionSyntax number = SyntaxFactory.LiteralExpression(SyntaxKind.NumericLiteralExpression, SyntaxFactory.Literal(order.ToString(CultureInfo.InvariantCulture), order));
        attribute = attribute.WithArgumentList(SyntaxFactory.AttributeArgumentList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.AttributeArgument(number))));

        // beside the marks that are there, so that a member on one line stays on it
        if (Marks(member).LastOrDefault(l => member is not ParameterSyntax || l.Target?.Identifier.IsKind(SyntaxKind.PropertyKeyword) == true) is { } list)
        {
            editor.ReplaceNode(list, list.AddAttributes(attribute));
            return;
        }
        AttributeListSyntax own = SyntaxFactory.AttributeList(SyntaxFactory.SingletonSeparatedList(attribute));
        if (member is ParameterSyntax parameter)
        {
            own = own.WithTarget(SyntaxFactory.AttributeTargetSpecifier(SyntaxFactory.Token(SyntaxKind.PropertyKeyword))).WithTrailingTrivia(SyntaxFactory.Space);
            editor.ReplaceNode(parameter, parameter.WithoutLeadingTrivia().AddAttributeLists(own).WithLeadingTrivia(parameter.GetLeadingTrivia()));
            return;
        }
        editor.AddAttribute(member, own);
    }

    private static SyntaxList<AttributeListSyntax> Marks(SyntaxNode member) => member switch
    {
        MemberDeclarationSyntax declaration => declaration.AttributeLists,
        ParameterSyntax parameter => parameter.AttributeLists,
        _ => default,
    };
}
