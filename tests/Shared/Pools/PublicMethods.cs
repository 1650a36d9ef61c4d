using System.Reflection;
using System.Runtime.CompilerServices;

namespace MemStorage.Tests.Pools;

/// <summary>The public methods of an assembly that have a body of their own, as "Type.Method/overloads": what a list of cases has to be complete over.</summary>
internal static class PublicMethods
{
    public static IEnumerable<string> Of(Assembly assembly) => assembly.GetExportedTypes()
        .Where(static type => !type.IsEnum && !typeof(Delegate).IsAssignableFrom(type) && !typeof(Attribute).IsAssignableFrom(type))
        .SelectMany(static type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
        .Where(static method => !method.IsSpecialName && !method.IsAbstract && method.GetBaseDefinition().DeclaringType != typeof(object))
        .Where(static method => method.Name is not ("Equals" or "Deconstruct") && !method.IsDefined(typeof(CompilerGeneratedAttribute)))
        .GroupBy(static method => $"{Plain(method.DeclaringType!.Name)}.{method.Name}")
        .Select(static group => $"{group.Key}/{group.Count()}")
        .Order(StringComparer.Ordinal);

    private static string Plain(string name) => name.Contains('`', StringComparison.Ordinal) ? name[..name.IndexOf('`', StringComparison.Ordinal)] : name;
}
