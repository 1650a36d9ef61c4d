using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// How an unmanaged struct lies in memory. Source says it with attributes, assemblies with rows of their tables; both must give the same text, or an
/// editor, which sees a referenced project as source, would say another fingerprint than the build.
/// </summary>
internal static class StructLayout
{
    private const string Interop = "System.Runtime.InteropServices";
    private const int Sequential = 0;
    private const int Explicit = 2;
    private const int Auto = 3;

    /// <summary>What the struct says about its layout; empty for what structs have by default.</summary>
    public static string Describe(INamedTypeSymbol type)
    {
        (int kind, int pack, int size) = LayoutOf(type.OriginalDefinition);
        // the compiler gives a struct without fields a size of one byte
        if (size == 1 && !type.GetMembers().Any(static m => m is IFieldSymbol { IsStatic: false }))
            size = 0;
        string text = (kind, pack, size) == (Sequential, 0, 0) ? "" : string.Format(CultureInfo.InvariantCulture, "layout {0} {1} {2} ", kind, pack, size);
        int length = type.FindAttribute("System.Runtime.CompilerServices", "InlineArrayAttribute") is { ConstructorArguments: [{ Value: int elements }] } ? elements : 0;
        return length == 0 ? text : text + "inline " + length.ToString(CultureInfo.InvariantCulture) + " ";
    }

    /// <summary>The fields in order, as name, type and what the field adds to the layout.</summary>
    public static IEnumerable<(string Name, ITypeSymbol Type, string Layout)> FieldsOf(INamedTypeSymbol type)
    {
        List<IFieldSymbol> captured = [];
        foreach (ISymbol member in type.GetMembers())
        {
            if (member is not IFieldSymbol { IsStatic: false, IsConst: false } field)
                continue;
            if (field.Name.Length > 3 && field.Name[0] == '<' && field.Name.EndsWith(">P", StringComparison.Ordinal))
                captured.Add(field);
            else
                yield return (PlainName(field), field.Type, LayoutOf(field));
        }
        // parameters of a primary constructor that methods use become fields, which source does not list
        IEnumerable<(string Name, ITypeSymbol Type)> parameters = captured.Count > 0
            ? captured.Select(static f => (PlainName(f), f.Type))
            : CapturedParameters(type).Select(static p => (p.Name, p.Type));
        foreach ((string name, ITypeSymbol parameter) in parameters.OrderBy(static p => p.Name, StringComparer.Ordinal))
            yield return (name, parameter, "");
    }

    // <Value>k__BackingField and <value>P, of which only source knows the property and the parameter
    private static string PlainName(IFieldSymbol field)
    {
        if (field.AssociatedSymbol is { } property)
            return property.Name;
        int end = field.Name.IndexOf('>');
        return field.Name[0] == '<' && end > 1 ? field.Name.Substring(1, end - 1) : field.Name;
    }

    private static string LayoutOf(IFieldSymbol field)
    {
        IFieldSymbol definition = field.OriginalDefinition;
        string text = definition.IsFixedSizeBuffer ? "[" + definition.FixedSize.ToString(CultureInfo.InvariantCulture) + "]" : "";
        int offset = -1;
        if (Row(definition) is { } row)
            offset = row.Reader.GetFieldDefinition((FieldDefinitionHandle)row.Handle).GetOffset();
        else if (OffsetAttribute(definition) is { ConstructorArguments: [{ Value: int written }] })
            offset = written;
        return offset < 0 ? text : text + "@" + offset.ToString(CultureInfo.InvariantCulture);
    }

    private static AttributeData? OffsetAttribute(IFieldSymbol field) => field.FindAttribute(Interop, "FieldOffsetAttribute");

    private static (int Kind, int Pack, int Size) LayoutOf(INamedTypeSymbol type)
    {
        if (Row(type) is { } row)
        {
            TypeDefinition definition = row.Reader.GetTypeDefinition((TypeDefinitionHandle)row.Handle);
            TypeLayout layout = definition.GetLayout();
            int kind = (definition.Attributes & TypeAttributes.LayoutMask) switch
            {
                TypeAttributes.ExplicitLayout => Explicit,
                TypeAttributes.SequentialLayout => Sequential,
                _ => Auto,
            };
            return (kind, layout.PackingSize, layout.Size);
        }
        if (type.FindAttribute(Interop, "StructLayoutAttribute") is not { ConstructorArguments: [{ Value: { } value }] } attribute)
            return (Sequential, 0, 0);
        return (Convert.ToInt32(value, CultureInfo.InvariantCulture), Named("Pack"), Named("Size"));

        int Named(string name) => attribute.NamedArguments.FirstOrDefault(a => a.Key == name).Value.Value as int? ?? 0;
    }

    // the row of an assembly's tables; null for what is known from source
    private static (MetadataReader Reader, EntityHandle Handle)? Row(ISymbol definition)
    {
        if (!definition.DeclaringSyntaxReferences.IsEmpty || definition.IsImplicitlyDeclared || definition.MetadataToken == 0
            || definition.ContainingModule?.GetMetadata() is not { } module)
        {
            return null;
        }
        return (module.GetMetadataReader(), MetadataTokens.EntityHandle(definition.MetadataToken));
    }

    // by the syntax alone: the trees of a referenced compilation have no model here
    private static IEnumerable<IParameterSymbol> CapturedParameters(INamedTypeSymbol type)
    {
        if (type.IsRecord)
            yield break;
        foreach (IMethodSymbol constructor in type.InstanceConstructors)
        {
            if (constructor.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is not TypeDeclarationSyntax { ParameterList: not null })
                continue;
            HashSet<string> used = UsedNames(type);
            foreach (IParameterSymbol parameter in constructor.Parameters)
            {
                if (used.Contains(parameter.Name))
                    yield return parameter;
            }
        }
    }

    // names in bodies of members; initializers run in the constructor and capture nothing
    private static HashSet<string> UsedNames(INamedTypeSymbol type)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (TypeDeclarationSyntax declaration in type.DeclaringSyntaxReferences.Select(static r => r.GetSyntax()).OfType<TypeDeclarationSyntax>())
        {
            foreach (MemberDeclarationSyntax member in declaration.Members)
            {
                IEnumerable<SyntaxNode> bodies = member switch
                {
                    BaseTypeDeclarationSyntax or BaseFieldDeclarationSyntax => [],
                    PropertyDeclarationSyntax property => new SyntaxNode?[] { property.ExpressionBody, property.AccessorList }.OfType<SyntaxNode>(),
                    _ => [member],
                };
                foreach (IdentifierNameSyntax name in bodies.SelectMany(static b => b.DescendantNodes()).OfType<IdentifierNameSyntax>())
                {
                    if (name.Parent is not MemberAccessExpressionSyntax access || access.Name != name)
                        names.Add(name.Identifier.ValueText);
                }
            }
        }
        return names;
    }
}
