using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>Finds the key of an entity (MST0002 to MST0005, MST0009, MST0014).</summary>
internal static class KeyParser
{
    public static KeyModel? Parse(EntityContext context)
    {
        List<MarkedMember> marked = context.Keys;
        if (marked.Count == 0)
        {
            // a marked member that cannot be one has been reported where it stands
            if (!context.HasMisplacedKey)
                context.Reporter.Report(ShapeRules.NoKey, context.Entity, context.Entity.Name, MarkedInInterface(context.Entity));
            return null;
        }
        List<(ISymbol Member, int Order)> ordered = marked.Count == 1 ? [(marked[0].Member, 0)] : Number(context, marked);
        if (ordered.Count != marked.Count)
            return null;

        List<KeyMemberModel> members = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        HashSet<string> parameters = new(StringComparer.Ordinal);
        bool composite = ordered.Count > 1;
        foreach ((ISymbol member, _) in ordered.OrderBy(static p => p.Order))
        {
            if (ParseMember(context, member) is not { } part)
                continue;
            string name = composite ? PartName(context, member.Name, names) : member.Name;
            string parameter = Identifiers.ToParameter(member.Name);
            if (!parameters.Add(parameter))
                parameters.Add(parameter = Identifiers.Escape(member.Name));
            members.Add(new KeyMemberModel(Identifiers.Escape(member.Name), name, parameter, part, Identifiers.ToXmlReference(member)));
        }
        if (members.Count != ordered.Count)
            return null;
        return new KeyModel(composite ? context.QualifiedPrefix + context.Entity.Name + "Key" : members[0].Part.Type, members.ToEquatableArray());
    }

    // attributes of an interface's members are not those of the members that implement them
    private static string MarkedInInterface(INamedTypeSymbol entity)
    {
        foreach (INamedTypeSymbol type in entity.AllInterfaces)
        {
            foreach (ISymbol member in type.GetMembers())
            {
                if (member is IPropertySymbol && member.FindContract(ContractNames.Key) is not null)
                    return $"; the attribute on '{type.Name}.{member.Name}' is not inherited: mark the member of '{entity.Name}'";
            }
        }
        return "";
    }

    private static List<(ISymbol Member, int Order)> Number(EntityContext context, List<MarkedMember> marked)
    {
        List<(ISymbol Member, int Order)> numbered = [];
        HashSet<int> orders = [];
        foreach ((ISymbol member, AttributeData attribute) in marked)
        {
            Location at = attribute.SourceLocation(member, context.CancellationToken);
            if (attribute.ConstructorArguments is not [{ Value: int order }])
                context.Reporter.Report(ShapeRules.KeyOrder, at, member.Name, context.Entity.Name, "has no number");
            else if (!orders.Add(order))
                context.Reporter.Report(ShapeRules.KeyOrder, at, member.Name, context.Entity.Name, $"has the number {order} of another one");
            else
                numbered.Add((member, order));
        }
        return numbered;
    }

    private static KeyPartModel? ParseMember(EntityContext context, ISymbol member)
    {
        if (!context.CheckStored(member, "key") || !context.CheckReadable(member, "key"))
            return null;
        if (context.KeyTypes.Parse(member.TypeOf(), out string reason) is not { } part)
        {
            context.Reporter.Report(ShapeRules.KeyType, member, member.Name, reason);
            return null;
        }
        // the members of a struct belong to whoever holds the copy
        if (!context.Entity.IsValueType && IsOpenToChange(member))
            context.Reporter.ReportWithPlace(ShapeRules.MutableKey, member, (member as IPropertySymbol)?.SetMethod?.WrittenSetter(), member.Name);
        return part;
    }

    private static bool IsOpenToChange(ISymbol member) => member switch
    {
        IPropertySymbol property => property.SetMethod is { IsInitOnly: false, DeclaredAccessibility: not Accessibility.Private },
        IFieldSymbol field => !field.IsReadOnly,
        _ => false,
    };

    // names of a record struct's members that would hide or clash with what it has anyway
    private static string PartName(EntityContext context, string memberName, HashSet<string> taken)
    {
        string name = Identifiers.ToPascal(memberName);
        if (name is "Equals" or "GetHashCode" or "ToString" or "GetType" or "Deconstruct" or "PrintMembers" or "MemberwiseClone" or "Finalize"
            || name == context.Entity.Name + "Key")
        {
            name += "Part";
        }
        while (!taken.Add(name))
            name += "_";
        return name;
    }
}
