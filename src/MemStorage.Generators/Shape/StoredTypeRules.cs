using MemStorage.Generators.Parsing;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Shape;

/// <summary>
/// What is told of every type that MemoryPack stores, entity or not, in the project that declares it: members that do not come back (MST0015), types
/// without a formatter (MST0023), initializers that do not count (MST0020). There, and not where an entity reaches it: a reference assembly
/// shows neither private setters nor initializers.
/// </summary>
internal static class StoredTypeRules
{
    /// <summary>Reports them.</summary>
    /// <param name="type">The type.</param>
    /// <param name="stored">What is stored of it.</param>
    /// <param name="roles">Of an entity: what its marked members are (key, version, index).</param>
    /// <param name="reporter">Takes the diagnostics.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static void Check(INamedTypeSymbol type, StoredType stored, IReadOnlyDictionary<ISymbol, string> roles, ShapeReporter reporter, CancellationToken cancellationToken)
    {
        foreach ((ISymbol member, string reason) in RestoreParser.Lost(type, stored, cancellationToken))
        {
            // a key that comes back as another one, a version that is never known: no repository
            if (roles.TryGetValue(member, out string? role))
                reporter.ReportMarked(ShapeRules.LosesValues, PlaceOf(type, member), role, $"{role} member {member.Name}", reason);
            else
                reporter.Report(ShapeRules.LosesValues, PlaceOf(type, member), member.Name, reason);
        }
        foreach (StoredMember member in stored.Members)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (SerializableParser.FindUnknown(member) is { } unknown)
                reporter.Report(ShapeRules.NoFormatter, PlaceOf(type, member.Symbol), member.Name, unknown.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat));
        }
        foreach (ISymbol member in ToleranceParser.LosingInitializers(type, stored, cancellationToken))
            reporter.Report(ShapeRules.LosesInitializer, PlaceOf(type, member), member.Name, type.Name, HowTo(member));
    }

    private static string HowTo(ISymbol member) => member is IPropertySymbol { SetMethod.IsInitOnly: true }
        ? "make it 'set' and mark it [SuppressDefaultInitialization]"
        : "mark it [SuppressDefaultInitialization]";

    // what stands in another project is reported at the type
    private static ISymbol PlaceOf(INamedTypeSymbol type, ISymbol member) =>
        SymbolEqualityComparer.Default.Equals(member.ContainingAssembly, type.ContainingAssembly) ? member : type;
}
