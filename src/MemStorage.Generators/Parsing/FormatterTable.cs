using MemStorage.Generators.Infrastructure;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>MemoryPack's formatters of the generic types of the platform.</summary>
internal static class FormatterTable
{
    private const string Formatters = "global::MemoryPack.Formatters.";

    // namespace of the platform -> types whose formatter is the type's name with "Formatter", with the same type arguments
    private static readonly Dictionary<string, string[]> s_sameName = new(StringComparer.Ordinal)
    {
        ["System"] = ["Lazy", "Memory", "ReadOnlyMemory", "ArraySegment"],
        ["System.Buffers"] = ["ReadOnlySequence"],
        ["System.Linq"] = [],
        ["System.Collections.Generic"] =
        [
            "List", "Stack", "Queue", "LinkedList", "HashSet", "SortedSet", "PriorityQueue", "Dictionary", "SortedDictionary", "SortedList", "KeyValuePair",
        ],
        ["System.Collections.ObjectModel"] = ["ObservableCollection", "Collection", "ReadOnlyCollection", "ReadOnlyObservableCollection"],
        ["System.Collections.Concurrent"] = ["ConcurrentQueue", "ConcurrentStack", "ConcurrentBag", "ConcurrentDictionary", "BlockingCollection"],
        ["System.Collections.Immutable"] =
        [
            "ImmutableArray", "ImmutableList", "ImmutableQueue", "ImmutableStack", "ImmutableDictionary", "ImmutableSortedDictionary",
            "ImmutableSortedSet", "ImmutableHashSet",
        ],
        ["System.Collections.Frozen"] = ["FrozenSet", "FrozenDictionary"],
    };

    // interface -> formatter
    private static readonly Dictionary<string, string> s_interfaces = new(StringComparer.Ordinal)
    {
        ["System.Collections.Generic.IEnumerable"] = "InterfaceEnumerableFormatter",
        ["System.Collections.Generic.ICollection"] = "InterfaceCollectionFormatter",
        ["System.Collections.Generic.IReadOnlyCollection"] = "InterfaceReadOnlyCollectionFormatter",
        ["System.Collections.Generic.IList"] = "InterfaceListFormatter",
        ["System.Collections.Generic.IReadOnlyList"] = "InterfaceReadOnlyListFormatter",
        ["System.Collections.Generic.IDictionary"] = "InterfaceDictionaryFormatter",
        ["System.Collections.Generic.IReadOnlyDictionary"] = "InterfaceReadOnlyDictionaryFormatter",
        ["System.Collections.Generic.ISet"] = "InterfaceSetFormatter",
        ["System.Collections.Generic.IReadOnlySet"] = "InterfaceReadOnlySetFormatter",
        ["System.Linq.ILookup"] = "InterfaceLookupFormatter",
        ["System.Linq.IGrouping"] = "InterfaceGroupingFormatter",
        ["System.Collections.Immutable.IImmutableList"] = "InterfaceImmutableListFormatter",
        ["System.Collections.Immutable.IImmutableQueue"] = "InterfaceImmutableQueueFormatter",
        ["System.Collections.Immutable.IImmutableStack"] = "InterfaceImmutableStackFormatter",
        ["System.Collections.Immutable.IImmutableDictionary"] = "InterfaceImmutableDictionaryFormatter",
        ["System.Collections.Immutable.IImmutableSet"] = "InterfaceImmutableSetFormatter",
    };

    /// <summary>The names of all formatters in the table, with the number of type arguments unknown: for the test that holds them against MemoryPack.</summary>
    public static IEnumerable<string> AllNames => s_sameName.Values.SelectMany(static n => n).Select(static n => n + "Formatter").Concat(s_interfaces.Values);

    /// <summary>The formatter of a constructed generic type of the platform, or null.</summary>
    public static string? ForGeneric(INamedTypeSymbol type)
    {
        if (!type.IsGenericType || type.ContainingType is not null)
            return null;
        if (type.ContainingNamespace is not { } containing || SystemNamespace(containing) is not { } space)
            return null;
        string arguments = string.Join(", ", type.TypeArguments.Select(Identifiers.ToSource));
        // of more than seven elements the eighth type argument is a tuple with the rest
        if (space == "System" && type.Name is "Tuple" or "ValueTuple")
            return $"{Formatters}{type.Name}Formatter<{arguments}>";
        if (space == "System" && type.Name == "Nullable")
            return $"{Formatters}NullableFormatter<{arguments}>";
        if (s_sameName.TryGetValue(space, out string[]? names) && names.Contains(type.Name))
            return $"{Formatters}{type.Name}Formatter<{arguments}>";
        return s_interfaces.TryGetValue(space + "." + type.Name, out string? formatter) ? $"{Formatters}{formatter}<{arguments}>" : null;
    }

    // the dotted name of a namespace of the platform, or null
    private static string? SystemNamespace(INamespaceSymbol space) => space switch
    {
        { IsGlobalNamespace: true } => null,
        { ContainingNamespace.IsGlobalNamespace: true } => space.Name == "System" ? space.Name : null,
        _ => SystemNamespace(space.ContainingNamespace) is { } outer ? outer + "." + space.Name : null,
    };

    /// <summary>The formatter of an array, or null for more dimensions than MemoryPack knows.</summary>
    public static string? ForArray(IArrayTypeSymbol array)
    {
        string element = array.ElementType.ToSource();
        return array.Rank switch
        {
            1 when array.ElementType is { IsUnmanagedType: true, OriginalDefinition.SpecialType: not SpecialType.System_Nullable_T } => $"{Formatters}UnmanagedArrayFormatter<{element}>",
            1 => $"{Formatters}ArrayFormatter<{element}>",
            2 => $"{Formatters}TwoDimensionalArrayFormatter<{element}>",
            3 => $"{Formatters}ThreeDimensionalArrayFormatter<{element}>",
            4 => $"{Formatters}FourDimensionalArrayFormatter<{element}>",
            _ => null,
        };
    }
}
