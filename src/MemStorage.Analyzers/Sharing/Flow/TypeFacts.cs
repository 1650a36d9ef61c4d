using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;

namespace MemStorage.Analyzers.Sharing.Flow;

/// <summary>How a value of a type can carry a reference to a shared object.</summary>
internal enum Carrier
{
    /// <summary>Not at all: numbers, text, deeply immutable types.</summary>
    Nothing,

    /// <summary>Only as a closure.</summary>
    Delegate,

    /// <summary>A struct: assigning it copies it, what its members refer to stays shared.</summary>
    Struct,

    /// <summary>A struct that stands for another object's memory: a span, a memory, an enumerator.</summary>
    View,

    /// <summary>A reference.</summary>
    Reference,
}

/// <summary>Questions about types, answered once per compilation. Thread-safe.</summary>
internal sealed class TypeFacts(Compilation compilation)
{
    private static readonly HashSet<string> ImmutableTypes = new(StringComparer.Ordinal)
    {
        "System.String", "System.Type", "System.Uri", "System.Version", "System.Text.RegularExpressions.Regex", "System.Globalization.CultureInfo",
        "System.DBNull", "System.TimeZoneInfo", "System.Text.Encoding", "System.Threading.Tasks.Task", "System.Threading.Tasks.ValueTask",
        "System.Reflection.Assembly", "System.Reflection.MemberInfo", "System.Net.IPAddress", "System.Exception", "System.Threading.CancellationToken",
    };

    private static readonly HashSet<string> Views = new(StringComparer.Ordinal)
    {
        "System.Span", "System.ReadOnlySpan", "System.Memory", "System.ReadOnlyMemory", "System.ArraySegment", "System.Buffers.ReadOnlySequence",
        "System.Collections.Immutable.ImmutableArray", "MemStorage.NoCopyItem", "System.Threading.Tasks.ValueTask",
    };

    private readonly ConcurrentDictionary<ITypeSymbol, Carrier> _carriers = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<INamedTypeSymbol, string> _names = new(SymbolEqualityComparer.Default);

    public Carrier CarrierOf(ITypeSymbol? type)
    {
        if (type is null)
            return Carrier.Nothing;
        return _carriers.TryGetValue(type, out Carrier c) ? c : _carriers.GetOrAdd(type, Classify(type, 0));
    }

    /// <summary>Namespace and name without arity (<c>System.Collections.Generic.List</c>).</summary>
    public string FullName(ITypeSymbol? type) =>
        type is INamedTypeSymbol named ? _names.GetOrAdd(named.OriginalDefinition, static t => NameOf(t)) : type is IArrayTypeSymbol ? "System.Array" : "";

    /// <summary>A type of the platform: by its namespace and its assembly, so that a user's type in a namespace of the platform is none, however its project is referenced.</summary>
    public bool IsFramework(ITypeSymbol? type) =>
        FullName(type) is { Length: > 0 } name
        && (name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal))
        && (type is not INamedTypeSymbol named || (!compilation.Declares(named) && IsPlatformAssembly(named.ContainingAssembly)));

    /// <summary>
    /// Whether constructor and <c>Deconstruct</c> stand for members of the same names. Metadata does not say that a struct was written as a record; one of another
    /// project that compares by value and can be taken apart behaves like one.
    /// </summary>
    public bool IsRecord(INamedTypeSymbol type) => compilation.Declares(type) || !type.IsValueType
        ? type.IsRecord
        : type.AllInterfaces.Any(i => i is { Name: "IEquatable", TypeArguments: [{ } compared] } && SymbolEqualityComparer.Default.Equals(compared, type))
            && type.GetMembers("Deconstruct").Any(static m => m.DeclaredAccessibility == Accessibility.Public);

    private static bool IsPlatformAssembly(IAssemblySymbol? assembly) =>
        assembly?.Name is { } name
        && (name is "System" or "mscorlib" or "netstandard" || name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal));

    /// <summary>Writable memory or a mutable collection: what somebody else could write through.</summary>
    public bool IsWritableAlias(ITypeSymbol? type) => type switch
    {
        IArrayTypeSymbol => true,
        INamedTypeSymbol named => FullName(named) is "System.Span" or "System.Memory" or "System.ArraySegment"
            || (FullName(named) is { } n && n.StartsWith("System.Collections.", StringComparison.Ordinal) && !IsReadOnlyCollection(n)
                && named.AllInterfaces.Concat(new[] { named }).Any(i => FullName(i) is "System.Collections.IList" or "System.Collections.Generic.ICollection" or "System.Collections.IDictionary")),
        _ => false,
    };

    public bool IsInlineArray(ITypeSymbol type) =>
        type.IsValueType && type.GetAttributes().Any(a => FullName(a.AttributeClass) == "System.Runtime.CompilerServices.InlineArrayAttribute");

    public static bool IsReadOnlyCollection(string fullName) =>
        fullName.StartsWith("System.Collections.Immutable.", StringComparison.Ordinal) || fullName.StartsWith("System.Collections.Frozen.", StringComparison.Ordinal)
        || fullName.StartsWith("System.Collections.ObjectModel.ReadOnly", StringComparison.Ordinal) || fullName.StartsWith("System.Collections.Generic.IReadOnly", StringComparison.Ordinal);

    /// <summary>The type of the elements of an array, span or collection; null when it has none.</summary>
    public ITypeSymbol? ElementType(ITypeSymbol? type)
    {
        if (type is IArrayTypeSymbol array)
            return array.ElementType;
        if (type is not INamedTypeSymbol named)
            return null;
        if (Views.Contains(FullName(named)) && named.TypeArguments.Length == 1)
            return named.TypeArguments[0];
        if (named.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T)
            return named.TypeArguments[0];
        if (named.SpecialType == SpecialType.System_String)
            return null;
        foreach (INamedTypeSymbol i in named.AllInterfaces)
        {
            if (i.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T)
                return i.TypeArguments[0];
        }
        return null;
    }

    private Carrier Classify(ITypeSymbol type, int depth)
    {
        if (type.SpecialType is >= SpecialType.System_Boolean and <= SpecialType.System_String or SpecialType.System_DateTime or SpecialType.System_IntPtr or SpecialType.System_UIntPtr or SpecialType.System_Void)
            return Carrier.Nothing;
        switch (type.TypeKind)
        {
            case TypeKind.Enum or TypeKind.Pointer or TypeKind.FunctionPointer or TypeKind.Error:
                return type.TypeKind == TypeKind.Error ? Carrier.Reference : Carrier.Nothing;
            case TypeKind.Delegate:
                return Carrier.Delegate;
            case TypeKind.Array or TypeKind.Dynamic:
                return Carrier.Reference;
            case TypeKind.TypeParameter:
                return type.IsValueType ? Carrier.Nothing : Carrier.Reference;
        }
        string name = FullName(type);
        if (Views.Contains(name) || (type.IsValueType && (type.Name.EndsWith("Enumerator", StringComparison.Ordinal) || name.StartsWith("System.Runtime.CompilerServices.", StringComparison.Ordinal))))
        {
            return name is "System.Threading.Tasks.ValueTask" or "System.Collections.Immutable.ImmutableArray" && type is INamedTypeSymbol { TypeArguments.Length: 1 } n
                && CarrierOf(n.TypeArguments[0]) == Carrier.Nothing ? Carrier.Nothing : Carrier.View;
        }
        if (type is not INamedTypeSymbol named)
            return Carrier.Reference;
        if (type.IsValueType)
            return StructCarries(named, depth) ? Carrier.Struct : Carrier.Nothing;
        if (ImmutableTypes.Contains(name))
            return named.IsGenericType && named.TypeArguments.Any(a => CarrierOf(a) != Carrier.Nothing) ? Carrier.Reference : Carrier.Nothing;
        if ((name.StartsWith("System.Collections.Immutable.", StringComparison.Ordinal) || name.StartsWith("System.Collections.Frozen.", StringComparison.Ordinal))
            && named.IsGenericType && !name.EndsWith("Builder", StringComparison.Ordinal) && named.TypeArguments.All(a => CarrierOf(a) == Carrier.Nothing))
            return Carrier.Nothing;
        return IsDeeplyImmutable(named, depth) ? Carrier.Nothing : Carrier.Reference;
    }

    private bool StructCarries(INamedTypeSymbol type, int depth)
    {
        if (depth > 4)
            return false;
        if (type.TypeArguments.Any(a => Classify(a, depth + 1) != Carrier.Nothing))
            return true;
        foreach (ISymbol member in type.GetMembers())
        {
            // Private fields of a referenced assembly are not imported: look at its properties too.
            ITypeSymbol? t = member switch { IFieldSymbol { IsStatic: false } f => f.Type, IPropertySymbol { IsStatic: false } p => p.Type, _ => null };
            if (t is not null && !SymbolEqualityComparer.Default.Equals(t, type) && Classify(t, depth + 1) is Carrier.Reference or Carrier.Struct or Carrier.View)
                return true;
        }
        return false;
    }

    /// <summary>A sealed class of this compilation whose fields are all read-only and of immutable types has nothing that could be changed. Elsewhere private fields may be out of sight.</summary>
    private bool IsDeeplyImmutable(INamedTypeSymbol type, int depth)
    {
        if (!type.IsSealed || type.TypeKind != TypeKind.Class || depth > 4 || type.BaseType is not { SpecialType: SpecialType.System_Object } || !compilation.Declares(type) || type.IsAnonymousType)
            return false;
        foreach (ISymbol member in type.GetMembers())
        {
            if (member is IFieldSymbol { IsStatic: false } f && !f.IsConst && (!f.IsReadOnly || SymbolEqualityComparer.Default.Equals(f.Type, type) || Classify(f.Type, depth + 1) != Carrier.Nothing))
                return false;
        }
        return true;
    }

    private static string NameOf(INamedTypeSymbol type)
    {
        if (type.ContainingType is { } outer)
            return NameOf(outer) + "." + type.Name;
        return type.ContainingNamespace is { IsGlobalNamespace: false } ns ? ns.ToDisplayString() + "." + type.Name : type.Name;
    }
}
