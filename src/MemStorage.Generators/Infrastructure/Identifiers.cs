using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Infrastructure;

/// <summary>Names as they are written into source.</summary>
internal static class Identifiers
{
    private static readonly SymbolDisplayFormat s_fullName = new(
        SymbolDisplayGlobalNamespaceStyle.Omitted,
        SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        SymbolDisplayGenericsOptions.IncludeTypeParameters);

    private static readonly SymbolDisplayFormat s_source = SymbolDisplayFormat.FullyQualifiedFormat
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    /// <summary>The name with an <c>@</c> in front when it is a reserved word: a member, a parameter, a namespace.</summary>
    public static string Escape(string name) => SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None ? "@" + name : name;

    /// <summary>The same for the name of a type, where contextual words (<c>record</c>, <c>file</c>) need it too.</summary>
    public static string EscapeType(string name) =>
        SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None ? "@" + name : Escape(name);

    /// <summary>The type as source can name it from anywhere: <c>global::Shop.Order</c>.</summary>
    public static string ToSource(this ITypeSymbol type) => TypeNames.Write(type) ?? type.ToDisplayString(s_source);

    /// <summary>The same, written by the compiler: the measure for <see cref="TypeNames"/>.</summary>
    public static string ToSourceByCompiler(this ITypeSymbol type) => type.ToDisplayString(s_source);

    /// <summary>The name people use for it: <c>Shop.Order</c>, nested types with a dot.</summary>
    public static string ToFullName(this ITypeSymbol type) => type.ToDisplayString(s_fullName);

    /// <summary>The namespace as source writes it; empty for the global one.</summary>
    public static string ToSource(this INamespaceSymbol? space)
    {
        if (space is null || space.IsGlobalNamespace)
            return "";
        string name = Escape(space.Name);
        return space.ContainingNamespace.IsGlobalNamespace ? name : space.ContainingNamespace.ToSource() + "." + name;
    }

    /// <summary>The name with a lower-case first letter, escaped: a parameter.</summary>
    public static string ToParameter(string name)
    {
        string trimmed = name.TrimStart('_');
        if (trimmed.Length == 0)
            return "value";
        if (char.IsDigit(trimmed[0]))
            return "_" + trimmed;
        return Escape(char.ToLowerInvariant(trimmed[0]) + trimmed.Substring(1));
    }

    /// <summary>The name with an upper-case first letter: part of a generated member's name.</summary>
    public static string ToPascal(string name)
    {
        string trimmed = name.TrimStart('_');
        if (trimmed.Length == 0 || char.IsDigit(trimmed[0]))
            trimmed = name;
        return char.ToUpperInvariant(trimmed[0]) + trimmed.Substring(1);
    }

    /// <summary>
    /// The name as part of the name of a generated file: the compiler takes letters, digits and a few signs there, which is less than an identifier may have
    /// (combining marks, letters that are numbers). What it does not take becomes its number after a hyphen, which no identifier has.
    /// </summary>
    public static string ToHint(string name)
    {
        if (name.All(static c => char.IsLetterOrDigit(c) || c is '.' or '_'))
            return name;
        StringBuilder hint = new();
        foreach (char c in name)
        {
            if (char.IsLetterOrDigit(c) || c is '.' or '_')
                hint.Append(c);
            else
                hint.Append('-').Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
        }
        return hint.ToString();
    }

    /// <summary>Text inside an XML documentation comment.</summary>
    public static string ToXml(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");

    /// <summary>
    /// How documentation names a member: a link to where it is declared, since links do not find what is inherited, and its plain name where a link
    /// would need type arguments.
    /// </summary>
    public static string ToXmlReference(ISymbol member)
    {
        for (INamedTypeSymbol? type = member.ContainingType; type is not null; type = type.ContainingType)
        {
            if (type.IsGenericType)
                return $"<c>{ToXml(member.Name)}</c>";
        }
        return $"<see cref=\"{member.ContainingType!.ToSource()}.{Escape(member.Name)}\"/>";
    }

    /// <summary>The content of a C# string literal, quotes included.</summary>
    public static string ToLiteral(string text) => SymbolDisplay.FormatLiteral(text, quote: true);
}
