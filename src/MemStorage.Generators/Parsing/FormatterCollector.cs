using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// Collects the serializers an entity reaches. MemoryPack finds those of constructed generic types by reflection, which Native AOT and trimming
/// do not allow; registered ones are found without.
/// </summary>
internal sealed class FormatterCollector
{
    private readonly EntityContext _context;
    private readonly ISymbol _within;
    private readonly HashSet<ITypeSymbol> _seen = new(SymbolEqualityComparer.Default);
    private readonly List<FormatterModel> _formatters = [];

    private FormatterCollector(EntityContext context)
    {
        _context = context;
        _within = (ISymbol?)context.Entity.ContainingType ?? context.Entity.ContainingAssembly;
    }

    /// <summary>The formatters in the order they are reached, the entity's own first.</summary>
    public static EquatableArray<FormatterModel> Collect(EntityContext context)
    {
        FormatterCollector collector = new(context);
        collector.Visit(context.Entity);
        return collector._formatters.ToEquatableArray();
    }

    private void Visit(ITypeSymbol type)
    {
        _context.CancellationToken.ThrowIfCancellationRequested();
        // what is a number, a text or a moment needs no serializer that could be missing; of the same type with and without a question mark one is enough
        if (type.SpecialType is >= SpecialType.System_Boolean and <= SpecialType.System_String or SpecialType.System_DateTime || !_seen.Add(type))
            return;
        switch (type)
        {
            case IArrayTypeSymbol array:
                Visit(array.ElementType);
                if (FormatterTable.ForArray(array) is { } arrayFormatter)
                    Add(type, arrayFormatter);
                return;
            case INamedTypeSymbol named:
                VisitNamed(named);
                return;
        }
    }

    private void VisitNamed(INamedTypeSymbol type)
    {
        StoredType stored = _context.Types.Of(type);
        MemoryPackMembers.Mode mode = stored.Mode;
        if (mode is not (MemoryPackMembers.Mode.None or MemoryPackMembers.Mode.NoGenerate))
        {
            if (stored.IsExtended(_context.CancellationToken))
                Add(type, formatter: null);
            foreach ((_, INamedTypeSymbol unionCase) in MemoryPackMembers.UnionCases(type))
                Visit(unionCase);
            if (mode is not (MemoryPackMembers.Mode.Collection or MemoryPackMembers.Mode.Union) && !type.IsUnmanagedType)
            {
                foreach (StoredMember member in stored.Members)
                {
                    // a member that is itself a number, an enum or a plain struct is written inline by MemoryPack's code: nothing is looked up
                    if (!member.HasCustomFormatter && !member.Type.IsUnmanagedType)
                        Visit(member.Type);
                }
            }
        }
        else if (type.IsUnmanagedType)
        {
            if (type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
            {
                Visit(type.TypeArguments[0]);
                Add(type, $"global::MemoryPack.Formatters.NullableFormatter<{type.TypeArguments[0].ToSource()}>");
            }
            else if (type.SpecialType == SpecialType.None && !IsKnownToMemoryPack(type))
            {
                Add(type, $"global::MemoryPack.Formatters.UnmanagedFormatter<{type.ToSource()}>");
            }
            return;
        }
        if (type.IsNamed("System.Numerics", "BigInteger"))
        {
            // MemoryPack's own loses every value of less than 256 bytes
            _formatters.Add(new FormatterModel(type.ToSource(), "global::MemStorage.Typed.BigIntegerFormatter", Replaces: true));
            return;
        }
        foreach (ITypeSymbol argument in type.TypeArguments)
            Visit(argument);
        if (FormatterTable.ForGeneric(type) is { } formatter)
            Add(type, formatter);
    }

    private void Add(ITypeSymbol type, string? formatter)
    {
        if (!type.IsPublicEverywhere() && !_context.Compilation.IsSymbolAccessibleWithin(type, _within))
            return;
        if (WarningIds.IsForbidden(type))
            return;
        _context.Warnings.Add(type as INamedTypeSymbol);
        _formatters.Add(new FormatterModel(type.ToSource(), formatter));
    }

    // what MemoryPack registers itself, of the namespace where people meet it
    private static bool IsKnownToMemoryPack(INamedTypeSymbol type) =>
        type.Name is "Guid" or "DateTimeOffset" or "TimeSpan" or "DateOnly" or "TimeOnly" or "Half" or "Int128" or "UInt128" && type.IsNamed("System", type.Name);
}
