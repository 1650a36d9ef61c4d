using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>Looks for members that do not survive being stored (MST0010, MST0015) and for types that MemoryPack's generator cannot handle (MST0016).</summary>
internal static class MemberParser
{
    public static void Check(EntityContext context)
    {
        bool circular = MemoryPackMembers.ModeOf(context.Entity) == MemoryPackMembers.Mode.CircularReference;
        foreach (ISymbol member in MemoryPackMembers.StoredMembers(context.Entity))
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            if (MemoryPackMembers.HasCustomFormatter(member))
                continue;
            ISymbol at = SymbolEqualityComparer.Default.Equals(member.ContainingAssembly, context.Entity.ContainingAssembly) ? member : context.Entity;
            foreach (ITypeSymbol type in Inside(member.TypeOf()))
            {
                if (IsUnstorable(type))
                    context.Reporter.Report(ShapeRules.UnstorableMember, at, member.Name, type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat));
                else if (type is INamedTypeSymbol named && IsOwnMemoryPackable(named, context) && PlacementParser.MemoryPackTrap(named) is { } trap)
                    context.Reporter.Report(ShapeRules.BrokenSerializer, at, named.Name, trap);
            }
            if (circular && member is IPropertySymbol { SetMethod.IsInitOnly: true })
                context.Reporter.Report(ShapeRules.LosesValues, at, member.Name, "MemoryPack does not set init-only members of a type in CircularReference mode; use 'set'");
        }
    }

    private static bool IsOwnMemoryPackable(INamedTypeSymbol type, EntityContext context) =>
        SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, context.Entity.ContainingAssembly) && type.HasMemoryPack(ContractNames.MemoryPackable);

    // the type itself, what an array holds, what a generic type is made of
    private static IEnumerable<ITypeSymbol> Inside(ITypeSymbol type)
    {
        yield return type;
        foreach (ITypeSymbol inner in Parts(type).SelectMany(Inside))
            yield return inner;
    }

    private static IEnumerable<ITypeSymbol> Parts(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol array)
            yield return array.ElementType;
        if (type is not INamedTypeSymbol named)
            yield break;
        foreach (ITypeSymbol argument in named.TypeArguments)
            yield return argument;
    }

    private static bool IsUnstorable(ITypeSymbol type)
    {
        if (type.TypeKind is TypeKind.Delegate or TypeKind.Pointer or TypeKind.FunctionPointer
            || type.SpecialType is SpecialType.System_IntPtr or SpecialType.System_UIntPtr or SpecialType.System_Delegate or SpecialType.System_MulticastDelegate)
        {
            return true;
        }
        for (ITypeSymbol? current = type; current is not null; current = current.BaseType)
        {
            if (current.IsNamed("System.IO", "Stream")
                || current.IsNamed("System.Threading.Tasks", "Task") || current.IsNamed("System.Threading.Tasks", "ValueTask")
                || current.IsNamed("System.Threading", "CancellationToken") || current.IsNamed("System.Threading", "CancellationTokenSource")
                || current.IsNamed("System.Threading", "WaitHandle") || current.IsNamed("System.Threading", "SemaphoreSlim")
                || current.IsNamed("System.Threading", "Thread") || current.IsNamed("System.Threading", "Timer") || current.IsNamed("System.Threading", "Lock")
                || current.IsNamed("System.Runtime.InteropServices", "SafeHandle") || current.IsNamed("System.Runtime.InteropServices", "GCHandle"))
            {
                return true;
            }
        }
        return false;
    }
}
