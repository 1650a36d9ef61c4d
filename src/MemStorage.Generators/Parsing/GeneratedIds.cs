using MemStorage.Generators.Infrastructure;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// Ids that other generators and libraries make. Generators do not see each other's output, so in the project that declares such an id its attribute is all
/// there is to see; and some have more state than their value, which their own members hide.
/// </summary>
internal static class GeneratedIds
{
    /// <summary>The one part of the id and what makes an id of it; null when the type is none of the known ones.</summary>
    public static (KeyPart Part, string Maker)? Find(INamedTypeSymbol type, Compilation compilation)
    {
        string source = type.ToSource();
        // 16 bytes as time and random; the same bytes as a Guid
        if (type.Name == "Ulid" && type.IsNamed("System", "Ulid") && compilation.GetTypeByMetadataName("System.Guid") is { } guid && type.GetMembers("ToGuid").Length > 0)
            return (new KeyPart("Value", "ToGuid()", guid, null), "new " + source);
        foreach (AttributeData attribute in type.GetAttributes())
        {
            if (attribute.AttributeClass is not { } named)
                continue;
            if (named.Name == "ValueObjectAttribute" && named.IsNamed("Vogen", named.Name) && VogenType(attribute, named, compilation) is { } wrapped)
                return (new KeyPart("Value", "Value", wrapped, null), source + ".From");
            if (named.Name == "StronglyTypedIdAttribute" && named.IsNamed("StronglyTypedIds", named.Name) && StronglyTypedIdType(attribute, compilation) is { } backing)
                return (new KeyPart("Value", "Value", backing, null), "new " + source);
        }
        return null;
    }

    // [ValueObject<int>], [ValueObject(typeof(int))], and without a type what the assembly's defaults say, else int
    private static ITypeSymbol? VogenType(AttributeData attribute, INamedTypeSymbol named, Compilation compilation) =>
        named.TypeArguments.FirstOrDefault()
        ?? attribute.ConstructorArguments.Select(static a => a.Kind == TypedConstantKind.Type ? a.Value as ITypeSymbol : null).FirstOrDefault(static t => t is not null)
        ?? compilation.Assembly.GetAttributes().Where(static a => a.AttributeClass?.Name == "VogenDefaultsAttribute")
            .SelectMany(static a => a.ConstructorArguments.Concat(a.NamedArguments.Select(static n => n.Value)))
            .Select(static a => a.Kind == TypedConstantKind.Type ? a.Value as ITypeSymbol : null).FirstOrDefault(static t => t is not null)
        ?? compilation.GetSpecialType(SpecialType.System_Int32);

    private static ITypeSymbol? StronglyTypedIdType(AttributeData attribute, Compilation compilation)
    {
        if (TemplateOf(attribute) is { } template)
            return TypeOf(template, compilation);
        if (attribute.ConstructorArguments.Any(static a => a.Kind == TypedConstantKind.Array && a.Values.Length > 0))
            return null; // a template of the user's own: nobody knows what it writes
        string? general = compilation.Assembly.GetAttributes().Where(static a => a.AttributeClass?.Name == "StronglyTypedIdDefaultsAttribute").Select(TemplateOf).FirstOrDefault();
        return TypeOf(general ?? "Guid", compilation);
    }

    // the first argument that is an enum: Template in version 1, StronglyTypedIdBackingType before
    private static string? TemplateOf(AttributeData attribute)
    {
        foreach (TypedConstant argument in attribute.ConstructorArguments.Concat(attribute.NamedArguments.Select(static n => n.Value)))
        {
            if (argument is { Kind: TypedConstantKind.Enum, Type: { Name: "Template" or "StronglyTypedIdBackingType" } type })
                return type.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(f => f.HasConstantValue && Equals(f.ConstantValue, argument.Value))?.Name;
        }
        return null;
    }

    private static ITypeSymbol? TypeOf(string template, Compilation compilation) => template switch
    {
        "Guid" or "Default" or "UseDefault" => compilation.GetTypeByMetadataName("System.Guid"),
        "Int" => compilation.GetSpecialType(SpecialType.System_Int32),
        "Long" => compilation.GetSpecialType(SpecialType.System_Int64),
        "String" => compilation.GetSpecialType(SpecialType.System_String),
        _ => null,
    };
}
