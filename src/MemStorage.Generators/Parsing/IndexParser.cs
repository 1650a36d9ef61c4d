using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>Finds the indexed members of an entity (MST0009, MST0014, MST0018).</summary>
internal static class IndexParser
{
    public static EquatableArray<IndexModel> Parse(EntityContext context)
    {
        List<IndexModel> indexes = [];
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        foreach ((ISymbol member, _) in context.Indexes)
        {
            if (!context.CheckStored(member, "index") || !context.CheckReadable(member, "index"))
                continue;
            ITypeSymbol type = member.TypeOf();
            ITypeSymbol value = type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
                ? nullable.TypeArguments[0]
                : type.WithNullableAnnotation(NullableAnnotation.NotAnnotated);
            if (context.KeyTypes.ParseIndexed(value, out string reason) is not { } part)
            {
                context.Reporter.Report(ShapeRules.IndexType, member, member.Name, reason);
                continue;
            }
            string name = Identifiers.ToPascal(member.Name);
            if (names.TryGetValue(name, out string? other))
            {
                context.Reporter.Report(ShapeRules.IndexType, member, member.Name, $"'{other}' already gives FindBy{name}");
                continue;
            }
            names.Add(name, member.Name);
            bool isNullable = type is { IsReferenceType: true, NullableAnnotation: not NullableAnnotation.NotAnnotated } || !SymbolEqualityComparer.Default.Equals(type, value);
            indexes.Add(new IndexModel(Identifiers.Escape(member.Name), name, part, isNullable, Identifiers.ToXmlReference(member)));
        }
        return indexes.ToEquatableArray();
    }
}
