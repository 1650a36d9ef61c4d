using MemStorage.Generators.Infrastructure;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// Takes a value type apart: what it consists of, how each part is read, and what makes a value of them (a constructor, a static factory, an initializer).
/// </summary>
internal sealed class KeyParts
{
    private static readonly string[] s_factories = ["From", "Create", "Of", "Make"];

    private KeyParts(IReadOnlyList<KeyPart> parts, string maker, bool byInitializer) => (Parts, Maker, ByInitializer) = (parts, maker, byInitializer);

    /// <summary>The parts, in the order in which they are written.</summary>
    public IReadOnlyList<KeyPart> Parts { get; }

    /// <summary>What makes a value of them.</summary>
    public string Maker { get; }

    /// <summary>Whether they are assigned instead of being arguments.</summary>
    public bool ByInitializer { get; }

    /// <summary>The parts of a type, or null and what is against it: the end of a sentence about the type.</summary>
    public static KeyParts? Find(INamedTypeSymbol type, Compilation compilation, out string reason)
    {
        reason = "";
        if (GeneratedIds.Find(type, compilation) is { } known)
            return new KeyParts([known.Part], known.Maker, byInitializer: false);

        IFieldSymbol[] fields = [.. type.GetMembers().OfType<IFieldSymbol>().Where(static f => !f.IsStatic && !f.IsConst)];
        if (fields.Length == 0)
        {
            reason = "has no members that can be seen here; what another generator writes for it cannot be";
            return null;
        }
        if (!type.IsReadOnly && !fields.All(static f => f.IsReadOnly))
        {
            reason = "can be changed; make it a readonly struct";
            return null;
        }
        List<KeyPart> state = [];
        foreach (IFieldSymbol field in fields)
        {
            if (ReaderOf(field, type, compilation) is not { } reader)
            {
                reason = $"has the field '{NameOf(field)}', which nothing of the same name and type shows to others";
                return null;
            }
            state.Add(reader);
        }

        foreach (IMethodSymbol constructor in type.InstanceConstructors.Where(c => !c.IsImplicitlyDeclared && IsVisible(c, compilation)).OrderBy(c => NamesDiffer(c, state)))
        {
            if (Match(constructor, state) is { } arguments && !LeavesRequired(type, constructor))
                return new KeyParts(arguments, "new " + type.ToSource(), byInitializer: false);
        }
        if (FactoryOf(type, state, compilation) is { } factory)
            return new KeyParts(Match(factory, state)!, $"{type.ToSource()}.{Identifiers.Escape(factory.Name)}", byInitializer: false);
        bool canBegin = type.InstanceConstructors.All(c => c.Parameters.Length > 0 || IsVisible(c, compilation));
        if (canBegin && state.All(p => p.Setter is not null && IsVisible(p.Setter, compilation)))
            return new KeyParts(state, "new " + type.ToSource(), byInitializer: true);
        reason = $"has no constructor, factory (From, Create, Of, Make) or settable properties for exactly its parts ({string.Join(", ", state.Select(static p => p.Name))})";
        return null;
    }

    private static KeyPart? ReaderOf(IFieldSymbol field, INamedTypeSymbol type, Compilation compilation)
    {
        string name = NameOf(field);
        if (field.AssociatedSymbol is null && field.CanBeReferencedByName && IsVisible(field, compilation))
            return new KeyPart(field.Name, Identifiers.Escape(field.Name), field.Type, field.IsReadOnly ? null : field);
        ISymbol? property = field.AssociatedSymbol ?? type.GetMembers().FirstOrDefault(m => m is IPropertySymbol { IsStatic: false, IsIndexer: false } && Same(m.Name, name));
        return property is IPropertySymbol { GetMethod: { } getter } read && SymbolEqualityComparer.Default.Equals(read.Type, field.Type) && IsVisible(getter, compilation)
            ? new KeyPart(read.Name, Identifiers.Escape(read.Name), read.Type, read.SetMethod)
            : null;
    }

    // metadata does not say which property a field belongs to, its name does: <Value>k__BackingField
    private static string NameOf(IFieldSymbol field)
    {
        if (field.AssociatedSymbol is { } associated)
            return associated.Name;
        int end = field.Name.IndexOf('>');
        return field.Name.Length > 0 && field.Name[0] == '<' && end > 1 ? field.Name.Substring(1, end - 1) : field.Name;
    }

    /// <summary>The parts in the order of the parameters, when these are exactly the parts.</summary>
    private static List<KeyPart>? Match(IMethodSymbol method, List<KeyPart> state)
    {
        if (method.Parameters.Length != state.Count || method.IsGenericMethod || method.Parameters.Any(static p => p.RefKind is not (RefKind.None or RefKind.In)))
            return null;
        List<KeyPart> arguments = [];
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            KeyPart? part = state.Count == 1 ? state[0] : state.FirstOrDefault(p => p.Name == parameter.Name) ?? state.FirstOrDefault(p => Same(p.Name, parameter.Name));
            if (part is null || arguments.Contains(part) || !SymbolEqualityComparer.Default.Equals(part.Type, parameter.Type))
                return null;
            arguments.Add(part);
        }
        return arguments;
    }

    private static int NamesDiffer(IMethodSymbol constructor, List<KeyPart> state) => constructor.Parameters.Count(p => state.All(s => s.Name != p.Name));

    private static IMethodSymbol? FactoryOf(INamedTypeSymbol type, List<KeyPart> state, Compilation compilation)
    {
        foreach (string name in s_factories)
        {
            IMethodSymbol[] fitting =
            [
                .. type.GetMembers().OfType<IMethodSymbol>().Where(m => m is { IsStatic: true, MethodKind: MethodKind.Ordinary } && m.Name.StartsWith(name, StringComparison.Ordinal)
                    && SymbolEqualityComparer.Default.Equals(m.ReturnType, type) && IsVisible(m, compilation) && Match(m, state) is not null),
            ];
            if (fitting.Length == 1)
                return fitting[0];
        }
        return null;
    }

    // a constructor that does not promise to set the required members leaves them to an initializer
    private static bool LeavesRequired(INamedTypeSymbol type, IMethodSymbol constructor) =>
        type.GetMembers().Any(static m => m is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true })
        && !constructor.GetAttributes().Any(static a => a.AttributeClass?.Name == "SetsRequiredMembersAttribute");

    private static bool IsVisible(ISymbol symbol, Compilation compilation) =>
        compilation.IsSymbolAccessibleWithin(symbol, compilation.Assembly)
        || (symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal && SymbolEqualityComparer.Default.Equals(symbol.ContainingAssembly, compilation.Assembly));

    private static bool Same(string x, string y) => string.Equals(Plain(x), Plain(y), StringComparison.OrdinalIgnoreCase);

    private static string Plain(string name) => (name.StartsWith("m_", StringComparison.Ordinal) ? name.Substring(2) : name).Replace("_", "");
}

/// <summary>A part of a value.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Access">What reads it, after a dot.</param>
/// <param name="Type">Its type.</param>
/// <param name="Setter">What sets it, if anything does.</param>
internal sealed record KeyPart(string Name, string Access, ITypeSymbol Type, ISymbol? Setter);
