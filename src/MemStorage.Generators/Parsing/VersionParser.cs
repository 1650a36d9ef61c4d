using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>Finds the version member of an entity (MST0006, MST0007, MST0009, MST0014).</summary>
internal static class VersionParser
{
    public static VersionModel? Parse(EntityContext context)
    {
        List<MarkedMember> marked = context.Versions;
        if (marked.Count == 0)
            return null;
        ISymbol member = marked[0].Member;
        foreach ((ISymbol other, _) in marked.Skip(1))
            context.Reporter.Report(ShapeRules.SeveralVersions, other, other.Name, member.Name);
        if (member.TypeOf().SpecialType != SpecialType.System_Int64)
        {
            context.Reporter.Report(ShapeRules.VersionType, member, member.Name, member.TypeOf().ToDisplayString());
            return null;
        }
        if (!context.CheckStored(member, "version") || !context.CheckReadable(member, "version"))
            return null;
        if (FindSetter(context, member) is not { } setter)
            return null;
        INamedTypeSymbol declaring = member.ContainingType;
        return new VersionModel(Identifiers.Escape(member.Name), member.Name, setter, declaring.ToSource(), declaring.IsValueType);
    }

    private static VersionSetter? FindSetter(EntityContext context, ISymbol member)
    {
        bool settable = member is IPropertySymbol { SetMethod: not null } or IFieldSymbol { IsReadOnly: false, IsConst: false };
        if (!settable)
        {
            context.Reporter.Report(ShapeRules.Unreachable, member, "version", member.Name, "it needs a setter (set or init; it may be private)");
            return null;
        }
        if (member is IFieldSymbol)
            return VersionSetter.Assign;
        IMethodSymbol set = ((IPropertySymbol)member).SetMethod!;
        bool visible = set.DeclaredAccessibility is Accessibility.Public
            || (set.DeclaredAccessibility is Accessibility.Internal or Accessibility.ProtectedOrInternal
                && context.Compilation.IsSymbolAccessibleWithin(set, context.Entity.ContainingAssembly));
        if (visible && !set.IsInitOnly)
            return VersionSetter.Assign;
        // the runtime binds accessors to the declaring type, which for a generic one would have to be repeated with its constraints
        if (!member.ContainingType.IsGenericType && IsNameable(context, member.ContainingType))
            return VersionSetter.Accessor;
        context.Reporter.Report(ShapeRules.Unreachable, member, "version", member.Name, "its setter must be visible, because its declaring type is generic or not visible");
        return null;
    }

    private static bool IsNameable(EntityContext context, INamedTypeSymbol type) =>
        SymbolEqualityComparer.Default.Equals(type, context.Entity) || context.Compilation.IsSymbolAccessibleWithin(type, context.Entity.ContainingAssembly);
}
