using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>Looks for members that do not survive being stored (MST0010, MST0015, MST0020, MST0023) and for types that MemoryPack's generator cannot handle (MST0016).</summary>
internal static class MemberParser
{
    public static void Check(EntityContext context)
    {
        StoredType stored = context.Types.Of(context.Entity);
        Dictionary<ISymbol, string> roles = new(SymbolEqualityComparer.Default);
        foreach ((List<MarkedMember> marked, string role) in new[] { (context.Indexes, "index"), (context.Versions, "version"), (context.Keys, "key") })
        {
            foreach (MarkedMember member in marked)
                roles[member.Member] = role;
        }
        StoredTypeRules.Check(context.Entity, stored, roles, context.Reporter, context.CancellationToken);
        foreach (StoredMember member in stored.Members)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            if (member.HasCustomFormatter)
                continue;
            ISymbol at = SymbolEqualityComparer.Default.Equals(member.Symbol.ContainingAssembly, context.Entity.ContainingAssembly) ? member.Symbol : context.Entity;
            CheckType(context, member, member.Type, at);
        }
    }

    // the type itself, what an array holds, what a generic type is made of
    private static void CheckType(EntityContext context, StoredMember member, ITypeSymbol type, ISymbol at)
    {
        if (IsUnstorable(type))
            context.Reporter.Report(ShapeRules.UnstorableMember, at, member.Name, type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat));
        else if (type is INamedTypeSymbol named && IsOwnMemoryPackable(named, context) && !SymbolEqualityComparer.Default.Equals(named, context.Entity))
            CheckSerializer(context, named, at);
        if (type is IArrayTypeSymbol array)
            CheckType(context, member, array.ElementType, at);
        else if (type is INamedTypeSymbol { TypeArguments: var arguments })
        {
            foreach (ITypeSymbol argument in arguments)
                CheckType(context, member, argument, at);
        }
    }

    private static void CheckSerializer(EntityContext context, INamedTypeSymbol type, ISymbol at)
    {
        INamedTypeSymbol definition = type.OriginalDefinition;
        StoredType stored = context.Types.Of(definition);
        if ((PlacementParser.MemoryPackTrap(type, context.Compilation) ?? MemoryPackTraps.Find(definition, stored, context.Compilation)) is { } trap)
            context.Reporter.Report(ShapeRules.BrokenSerializer, at, type.Name, trap);
        else if (stored.Mode != MemoryPackMembers.Mode.NoGenerate && MemoryPackSupport.ReasonAgainst(definition, stored, context.CancellationToken) is { } refusal)
            context.Reporter.Report(ShapeRules.NotExtended, at, type.Name, refusal);
    }

    private static bool IsOwnMemoryPackable(INamedTypeSymbol type, EntityContext context) =>
        SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, context.Entity.ContainingAssembly) && context.Types.Of(type).Mode != MemoryPackMembers.Mode.None;

    /// <summary>Whether values of the type mean nothing outside the process.</summary>
    public static bool IsUnstorable(ITypeSymbol type)
    {
        if (type.TypeKind is TypeKind.Delegate or TypeKind.Pointer or TypeKind.FunctionPointer
            || type.SpecialType is SpecialType.System_IntPtr or SpecialType.System_UIntPtr or SpecialType.System_Delegate or SpecialType.System_MulticastDelegate)
        {
            return true;
        }
        // what the compiler knows by number is none of the types below
        if (type.SpecialType != SpecialType.None || type.TypeKind is not (TypeKind.Class or TypeKind.Struct))
            return false;
        for (ITypeSymbol? current = type; current is { SpecialType: SpecialType.None }; current = current.BaseType)
        {
            string? space = current.Name switch
            {
                "Stream" => "System.IO",
                "Task" or "ValueTask" => "System.Threading.Tasks",
                "CancellationToken" or "CancellationTokenSource" or "WaitHandle" or "SemaphoreSlim" or "Thread" or "Timer" or "Lock" => "System.Threading",
                "SafeHandle" or "GCHandle" => "System.Runtime.InteropServices",
                _ => null,
            };
            if (space is not null && current.IsNamed(space, current.Name))
                return true;
        }
        return false;
    }
}
