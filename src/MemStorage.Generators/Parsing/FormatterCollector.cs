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
    private readonly Compilation _compilation;
    private readonly ISymbol _within;
    private readonly HashSet<ITypeSymbol> _seen = new(SymbolEqualityComparer.Default);
    private readonly List<FormatterModel> _formatters = [];

    private FormatterCollector(Compilation compilation, ISymbol within)
    {
        _compilation = compilation;
        _within = within;
    }

    /// <summary>The formatters in the order they are reached, the entity's own first.</summary>
    public static EquatableArray<FormatterModel> Collect(EntityContext context)
    {
        FormatterCollector collector = new(context.Compilation, (ISymbol?)context.Entity.ContainingType ?? context.Entity.ContainingAssembly);
        collector.Visit(context.Entity, context.CancellationToken);
        return collector._formatters.ToEquatableArray();
    }

    private void Visit(ITypeSymbol type, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_seen.Add(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated)))
            return;
        switch (type)
        {
            case IArrayTypeSymbol array:
                Visit(array.ElementType, cancellationToken);
                if (FormatterTable.ForArray(array) is { } arrayFormatter)
                    Add(type, arrayFormatter);
                return;
            case INamedTypeSymbol named:
                VisitNamed(named, cancellationToken);
                return;
        }
    }

    private void VisitNamed(INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        MemoryPackMembers.Mode mode = MemoryPackMembers.ModeOf(type);
        if (mode is not (MemoryPackMembers.Mode.None or MemoryPackMembers.Mode.NoGenerate))
        {
            if (MemoryPackSupport.WillExtend(type, cancellationToken))
                Add(type, formatter: null);
            foreach ((_, INamedTypeSymbol unionCase) in MemoryPackMembers.UnionCases(type))
                Visit(unionCase, cancellationToken);
            if (mode is not (MemoryPackMembers.Mode.Collection or MemoryPackMembers.Mode.Union) && !type.IsUnmanagedType)
            {
                foreach (ISymbol member in MemoryPackMembers.StoredMembers(type))
                {
                    if (!MemoryPackMembers.HasCustomFormatter(member))
                        VisitMember(member.TypeOf(), cancellationToken);
                }
            }
        }
        else if (type.IsUnmanagedType)
        {
            if (type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
            {
                Visit(type.TypeArguments[0], cancellationToken);
                Add(type, $"global::MemoryPack.Formatters.NullableFormatter<{type.TypeArguments[0].ToSource()}>");
            }
            else if (type.SpecialType == SpecialType.None && (type.TypeKind == TypeKind.Enum || type.IsGenericType || !IsFromSystem(type)))
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
            Visit(argument, cancellationToken);
        if (FormatterTable.ForGeneric(type) is { } formatter)
            Add(type, formatter);
    }

    // a member that is itself a number, an enum or a plain struct is written inline by MemoryPack's code: nothing is looked up
    private void VisitMember(ITypeSymbol type, CancellationToken cancellationToken)
    {
        if (!type.IsUnmanagedType)
            Visit(type, cancellationToken);
    }

    private void Add(ITypeSymbol type, string? formatter)
    {
        if (_compilation.IsSymbolAccessibleWithin(type, _within))
            _formatters.Add(new FormatterModel(type.ToSource(), formatter));
    }

    private static bool IsFromSystem(INamedTypeSymbol type) => type.ContainingNamespace is { Name: "System", ContainingNamespace.IsGlobalNamespace: true };
}
