using Microsoft.CodeAnalysis;

namespace MemStorage.Analyzers.Versions.Flow;

/// <summary>One read of the store in a body.</summary>
/// <param name="Call">The call.</param>
/// <param name="Store">The repository or store; null when it is computed.</param>
/// <param name="Key">The key; null when it is computed or there are many.</param>
/// <param name="Entity">The type of what was read.</param>
internal sealed record ReadSite(StoreCall Call, Place? Store, KeyRef? Key, ITypeSymbol? Entity);
