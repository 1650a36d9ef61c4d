using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// Computes what MemoryPack stores of an entity. The fingerprint covers names, types and order of the stored members, and the same of every
/// type they reach: the layout of structs, names of tuple elements, constants of enums, tags of unions, formatters; and which members are key and
/// version. Types that can be looked into are numbered rather than named, so that moving or renaming one changes no fingerprint:
/// it changes no stored byte either. Whatever goes in is the same for a type in source, in a referenced compilation and in an assembly.
/// </summary>
internal sealed class ShapeWalker
{
    private static readonly SymbolDisplayFormat s_format = new(
        SymbolDisplayGlobalNamespaceStyle.Omitted,
        SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.ExpandValueTuple);

    // what MemoryPack looks for, in its order
    private static readonly string[] s_collections = ["IDictionary", "ISet", "ICollection"];

    private readonly Dictionary<ITypeSymbol, int> _numbers = new(SymbolEqualityComparer.Default);
    private readonly List<string> _definitions = [];
    private readonly EntityContext _context;

    // of a version-tolerant entity: what is met on the way and tolerates changes of its own
    private readonly List<INamedTypeSymbol>? _tolerant;
    private readonly List<INamedTypeSymbol>? _enums;

    private ShapeWalker(EntityContext context, bool tolerant)
    {
        _context = context;
        if (tolerant)
        {
            _tolerant = [];
            _enums = [];
        }
    }

    /// <summary>The shape of an entity.</summary>
    /// <param name="context">The entity.</param>
    /// <param name="keys">Its key members, in the order of the key.</param>
    /// <param name="version">Its version member, or null.</param>
    public static ShapeModel Describe(EntityContext context, IEnumerable<string> keys, string? version)
    {
        INamedTypeSymbol entity = context.Entity;
        ShapeWalker walker = new(context, tolerant: false);
        _ = walker.Reference(entity);
        List<StoredMember> members = context.Types.Of(entity).Members;
        string marks = $"\nkey {string.Join(",", keys)}\nversion {version}";
        string text = string.Join(" ", (entity.IsUnmanagedType ? StructLayout.FieldsOf(entity).Select(static f => (f.Name, f.Type)) : members.Select(static m => (m.Name, m.Type)))
            .Select(static m => $"{m.Name}:{NameOf(m.Type).Replace(" ", "")}"));
        bool tolerant = IsTolerant(context, entity);
        return new ShapeModel(
            StableHash.Compute(string.Join("\n", walker._definitions) + marks),
            text,
            tolerant,
            tolerant ? SlotsOf(context, members, keys, version).ToEquatableArray() : default);
    }

    // a struct without references is copied as it lies in memory, whatever its attribute says
    private static bool IsTolerant(EntityContext context, INamedTypeSymbol type) =>
        !type.IsUnmanagedType && context.Types.Of(type).Mode == MemoryPackMembers.Mode.VersionTolerant;

    /// <summary>
    /// What two shapes of a version-tolerant entity must have in common where both have it: the type under each order, down to what is not tolerant
    /// within, and the same of tolerant types that it reaches.
    /// </summary>
    private static List<SlotModel> SlotsOf(EntityContext context, List<StoredMember> members, IEnumerable<string> keys, string? version)
    {
        List<SlotModel> slots = [];
        Dictionary<string, int> orders = members.ToDictionary(static m => m.Name, m => OrderOf(context, context.Entity, m), StringComparer.Ordinal);
        slots.Add(new SlotModel("key", "", Hash(string.Join(",", keys.Select(k => orders.TryGetValue(k, out int order) ? order : -1))), InRecord: true));
        Queue<(INamedTypeSymbol Type, string Path)> pending = new([(context.Entity, "")]);
        HashSet<INamedTypeSymbol> seen = new(SymbolEqualityComparer.Default) { context.Entity };
        while (pending.Count > 0)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            (INamedTypeSymbol type, string path) = pending.Dequeue();
            foreach (StoredMember member in Visible(context, type))
            {
                ShapeWalker walker = new(context, tolerant: true);
                string reference = walker.MemberText(member);
                string role = path.Length == 0 && member.Name == version ? "version " : "";
                string here = path + OrderOf(context, type, member).ToString(CultureInfo.InvariantCulture);
                slots.Add(new SlotModel(here, member.Name, Hash(role + reference + "\n" + string.Join("\n", walker._definitions)), InRecord: true));
                slots.AddRange(walker._enums!.SelectMany((e, i) => EnumSlots(e, here + "#" + i.ToString(CultureInfo.InvariantCulture))));
                for (int i = 0; i < walker._tolerant!.Count; i++)
                {
                    if (seen.Add(walker._tolerant[i]))
                        pending.Enqueue((walker._tolerant[i], $"{here}{(i == 0 ? "" : "." + i.ToString(CultureInfo.InvariantCulture))}/"));
                }
            }
        }
        return slots;
    }

    // constants are added as a program grows, so records do not carry them; the checked-in file does
    private static IEnumerable<SlotModel> EnumSlots(INamedTypeSymbol type, string path) =>
        Constants(type).Select(c => new SlotModel($"{path}={c.Value}", "", Hash(c.Names), InRecord: false));

    private static ushort Hash(string text) => unchecked((ushort)StableHash.Compute(text));

    private string MemberText(StoredMember member)
    {
        string formatter = member.Formatter is { } attribute ? "custom " + AttributeText(attribute) + " " : "";
        // what a formatter of the user's choice writes is its own business; what it writes of, is not
        return formatter + Reference(member.Type);
    }

    private static string AttributeText(AttributeData attribute)
    {
        IEnumerable<string> arguments = attribute.ConstructorArguments.Select(ConstantText)
            .Concat(attribute.NamedArguments.OrderBy(static a => a.Key, StringComparer.Ordinal).Select(static a => a.Key + "=" + ConstantText(a.Value)));
        return $"{NameOf(attribute.AttributeClass!)}{TypeArgumentsText(attribute.AttributeClass!)}({string.Join(",", arguments)})";
    }

    private static string TypeArgumentsText(INamedTypeSymbol type) => type.IsGenericType ? "<" + string.Join(",", type.TypeArguments.Select(NameOf)) + ">" : "";

    private static string ConstantText(TypedConstant constant) => constant.Kind switch
    {
        TypedConstantKind.Array => "[" + string.Join(",", constant.Values.Select(ConstantText)) + "]",
        TypedConstantKind.Type => constant.Value is ITypeSymbol type ? NameOf(type) : "",
        _ => Convert.ToString(constant.Value, CultureInfo.InvariantCulture) ?? "",
    };

    private string Reference(ITypeSymbol type)
    {
        switch (type)
        {
            case IArrayTypeSymbol array:
                return $"{Reference(array.ElementType)}[{array.Rank}]";
            case IPointerTypeSymbol pointer:
                return Reference(pointer.PointedAtType) + "*";
            case INamedTypeSymbol { TypeKind: TypeKind.Enum, EnumUnderlyingType: { } underlying } enumeration:
                return EnumText(enumeration, underlying);
            case INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable:
                return Reference(nullable.TypeArguments[0]) + "?";
            case INamedTypeSymbol { IsTupleType: true } tuple:
                return $"({string.Join(",", tuple.TupleElements.Select(e => e.Name + ":" + Reference(e.Type)))})";
            case INamedTypeSymbol named when CanLookInto(named):
                return "#" + Define(named);
            case INamedTypeSymbol named when _context.Types.Of(named).Mode == MemoryPackMembers.Mode.Collection:
                return $"collection({string.Join(",", ElementsOf(named).Select(Reference))})";
            case INamedTypeSymbol { IsGenericType: true } generic:
                return $"{NameOf(generic.ConstructedFrom)}({string.Join(",", AllArguments(generic).Select(Reference))})";
            default:
                return NameOf(type);
        }
    }

    private string EnumText(INamedTypeSymbol type, INamedTypeSymbol underlying)
    {
        if (_enums is not null)
        {
            if (!IsFromSystem(type))
                _enums.Add(type);
            return "enum " + NameOf(underlying);
        }
        return $"enum {NameOf(underlying)}({string.Join(",", Constants(type).Select(static c => c.Names + "=" + c.Value))})";
    }

    // by value, with all names of each: a number that means something else is another shape. Those of the platform do not change their meaning.
    private static IEnumerable<(string Value, string Names)> Constants(INamedTypeSymbol type)
    {
        if (IsFromSystem(type))
            return [];
        return type.GetMembers().OfType<IFieldSymbol>().Where(static f => f is { IsConst: true, ConstantValue: not null })
            .GroupBy(static f => Convert.ToString(f.ConstantValue, CultureInfo.InvariantCulture)!)
            .OrderBy(static g => g.Key, StringComparer.Ordinal)
            .Select(static g => (g.Key, string.Join("|", g.Select(static f => f.Name).OrderBy(static n => n, StringComparer.Ordinal))));
    }

    private static ImmutableArray<ITypeSymbol> ElementsOf(INamedTypeSymbol collection)
    {
        foreach (string name in s_collections)
        {
            if (collection.AllInterfaces.FirstOrDefault(i => i.IsGenericType && i.IsNamed("System.Collections.Generic", name)) is { } implemented)
                return implemented.TypeArguments;
        }
        return ImmutableArray<ITypeSymbol>.Empty;
    }

    private int Define(INamedTypeSymbol type)
    {
        if (_numbers.TryGetValue(type, out int known))
            return known;
        int number = _numbers.Count;
        _numbers.Add(type, number);
        _definitions.Add("");
        MemoryPackMembers.Mode mode = _context.Types.Of(type).Mode;
        StringBuilder text = new();
        text.Append('#').Append(number).Append(':');
        if (type.IsUnmanagedType)
        {
            text.Append("raw ").Append(StructLayout.Describe(type)).Append('{');
            foreach ((string name, ITypeSymbol field, string layout) in StructLayout.FieldsOf(type))
                text.Append(name).Append(layout).Append(':').Append(Reference(field)).Append(';');
        }
        else if (mode == MemoryPackMembers.Mode.Union)
        {
            // by name: two cases of the same members are two things
            text.Append(mode).Append('{');
            foreach ((int tag, INamedTypeSymbol unionCase) in MemoryPackMembers.UnionCases(type).OrderBy(static c => c.Tag))
                text.Append(tag).Append('=').Append(unionCase.Name).Append(' ').Append(Reference(unionCase)).Append(';');
        }
        else if (_tolerant is not null && mode == MemoryPackMembers.Mode.VersionTolerant)
        {
            // its members are compared one by one
            _tolerant.Add(type);
            text.Append(mode).Append('{');
        }
        else
        {
            text.Append(mode).Append('{');
            bool numbered = mode is MemoryPackMembers.Mode.VersionTolerant or MemoryPackMembers.Mode.CircularReference;
            foreach (StoredMember member in Visible(_context, type))
            {
                if (numbered)
                    text.Append(OrderOf(_context, type, member)).Append(' ');
                text.Append(member.Name).Append(':').Append(MemberText(member)).Append(';');
            }
        }
        _definitions[number] = text.Append('}').ToString();
        return number;
    }

    // without a number a member has that of its place
    private static int OrderOf(EntityContext context, INamedTypeSymbol type, StoredMember member) => member.Order
        ?? (SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, context.Entity.ContainingAssembly)
            ? context.Types.Of(type).PlaceOf(member)
            : Visible(context, type).TakeWhile(m => m.Name != member.Name).Count());

    /// <summary>
    /// The stored members. Of a type in another assembly those that a reference assembly shows too, and in the order that can be known of one: private
    /// members are not in it, and the order between fields and properties is not written down.
    /// </summary>
    private static IEnumerable<StoredMember> Visible(EntityContext context, INamedTypeSymbol type)
    {
        List<StoredMember> members = context.Types.Of(type).Members;
        IAssemblySymbol own = context.Entity.ContainingAssembly;
        if (members.All(m => SymbolEqualityComparer.Default.Equals(m.Symbol.ContainingAssembly, own)))
            return members;
        IEnumerable<StoredMember> visible = members.Where(m => IsVisible(m.Symbol, own));
        if (members.Any(static m => m.Order is not null))
            return visible;
        // level by level of inheritance, as MemoryPack stores them
        return visible.Select(static (m, i) => (Member: m, Index: i))
            .GroupBy(static p => (ISymbol)p.Member.Symbol.ContainingType, SymbolEqualityComparer.Default)
            .SelectMany(g => g.OrderBy(p => p.Member.Symbol is IPropertySymbol && !SymbolEqualityComparer.Default.Equals(p.Member.Symbol.ContainingAssembly, own) ? 1 : 0)
                .ThenBy(static p => p.Index))
            .Select(static p => p.Member);
    }

    private static bool IsVisible(ISymbol member, IAssemblySymbol own)
    {
        if (SymbolEqualityComparer.Default.Equals(member.ContainingAssembly, own))
            return true;
        ISymbol access = member is IPropertySymbol { GetMethod: { } getter } ? getter : member;
        return access.DeclaredAccessibility switch
        {
            Accessibility.Private => false,
            Accessibility.Internal or Accessibility.ProtectedAndInternal => member.ContainingAssembly.GivesAccessTo(own),
            _ => true,
        };
    }

    private bool CanLookInto(INamedTypeSymbol type)
    {
        if (type.SpecialType != SpecialType.None)
            return false;
        if (_context.Types.Of(type).Mode is MemoryPackMembers.Mode.Object or MemoryPackMembers.Mode.VersionTolerant
            or MemoryPackMembers.Mode.CircularReference or MemoryPackMembers.Mode.Union)
        {
            return true;
        }
        return type is { IsUnmanagedType: true, IsTupleType: false } && !IsFromSystem(type);
    }

    private static string NameOf(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Int32 => "int",
        SpecialType.System_Int64 => "long",
        SpecialType.System_String => "string",
        SpecialType.System_Boolean => "bool",
        SpecialType.System_Decimal => "decimal",
        SpecialType.System_Double => "double",
        SpecialType.System_DateTime => "System.DateTime",
        _ => type.ToDisplayString(s_format),
    };

    private static bool IsFromSystem(INamedTypeSymbol type)
    {
        INamespaceSymbol space = type.ContainingNamespace;
        while (space is { IsGlobalNamespace: false, ContainingNamespace.IsGlobalNamespace: false })
            space = space.ContainingNamespace;
        return space.Name == "System";
    }

    private static IEnumerable<ITypeSymbol> AllArguments(INamedTypeSymbol type) =>
        type.ContainingType is { IsGenericType: true } outer ? AllArguments(outer).Concat(type.TypeArguments) : type.TypeArguments;
}
