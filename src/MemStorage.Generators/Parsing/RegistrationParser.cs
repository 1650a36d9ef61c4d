using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// Reads what the registration with dependency injection needs of the compilation. The result compares by value and has no symbol, so that an edit of a method
/// body changes nothing in it.
/// </summary>
internal static class RegistrationParser
{
    private const string Suffix = "RepositoryServiceCollectionExtensions";
    private const string ShortName = "AddMemStorageRepositories";

    /// <summary>The target; null where no services can be registered.</summary>
    public static RegistrationTarget? Parse(Compilation compilation, CancellationToken cancellationToken)
    {
        if (compilation.GetTypeByMetadataName(ContractNames.ServiceCollection) is null || compilation.AssemblyName is not { } name || HidesNamespace(compilation))
            return null;
        return new RegistrationTarget(
            name, compilation.Assembly.GetTypeByMetadataName(ContractNames.Embedded) is null, FriendsOf(compilation, cancellationToken).ToEquatableArray());
    }

    // a type called Microsoft, or one beside the registration that has the name of something it uses, leaves no room for the namespace that hosts look for such methods in
    private static bool HidesNamespace(Compilation compilation)
    {
        INamespaceSymbol? space = compilation.Assembly.GlobalNamespace;
        foreach (string part in new[] { "Microsoft", "Extensions", "DependencyInjection" })
        {
            if (space?.GetTypeMembers(part, 0).Length > 0)
                return true;
            space = space?.GetNamespaceMembers().FirstOrDefault(n => n.Name == part);
        }
        return space?.GetTypeMembers().Any(static t => t.Name is "Extensions" or "IServiceCollection") == true;
    }

    // the tests of a service see its internals and have, as a rule, no entities of their own
    private static IEnumerable<string> FriendsOf(Compilation compilation, CancellationToken cancellationToken)
    {
        foreach (IAssemblySymbol assembly in compilation.SourceModule.ReferencedAssemblySymbols)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!assembly.GivesAccessTo(compilation.Assembly))
                continue;
            INamespaceSymbol? space = assembly.GlobalNamespace;
            foreach (string part in new[] { "Microsoft", "Extensions", "DependencyInjection" })
                space = space?.GetNamespaceMembers().FirstOrDefault(n => n.Name == part);
            if (space is null)
                continue;
            foreach (INamedTypeSymbol type in space.GetTypeMembers())
            {
                if (!type.IsStatic || !type.Name.EndsWith(Suffix, StringComparison.Ordinal) || !compilation.IsSymbolAccessibleWithin(type, compilation.Assembly))
                    continue;
                IMethodSymbol[] methods = [.. type.GetMembers().OfType<IMethodSymbol>().Where(static m => m is { IsExtensionMethod: true, DeclaredAccessibility: Accessibility.Public or Accessibility.Internal })];
                // one whose short method is seen needs no other
                if (methods.Any(static m => m.Name == ShortName))
                    continue;
                foreach (IMethodSymbol method in methods)
                    if (method.Name.StartsWith("Add", StringComparison.Ordinal) && method.Name.EndsWith("Repositories", StringComparison.Ordinal))
                        yield return $"{type.ToSource()}.{method.Name}";
            }
        }
    }
}
