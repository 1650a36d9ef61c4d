namespace MemStorage.Generators.Parsing;

/// <summary>The names of what the generator looks for. It never references the assemblies that declare them.</summary>
internal static class ContractNames
{
    public const string RuntimeNamespace = "MemStorage";
    public const string Entity = "MemStorageEntityAttribute";
    public const string EntityFullName = RuntimeNamespace + "." + Entity;
    public const string Key = "MemStorageKeyAttribute";
    public const string Version = "MemStorageVersionAttribute";
    public const string Index = "MemStorageIndexAttribute";

    public const string KeyConverter = "MemStorageKeyConverterAttribute";
    public const string KeyConverterInterface = "IMemStorageKeyConverter";

    public const string MemoryPackNamespace = "MemoryPack";
    public const string MemoryPackable = "MemoryPackableAttribute";
    public const string MemoryPackIgnore = "MemoryPackIgnoreAttribute";
    public const string MemoryPackInclude = "MemoryPackIncludeAttribute";
    public const string MemoryPackOrder = "MemoryPackOrderAttribute";
    public const string MemoryPackUnion = "MemoryPackUnionAttribute";
    public const string SuppressDefault = "SuppressDefaultInitializationAttribute";
    public const string MemoryPackConstructor = "MemoryPackConstructorAttribute";

    public const string ServiceCollection = "Microsoft.Extensions.DependencyInjection.IServiceCollection";

    /// <summary>What hides a type from other assemblies, even from those that see internals.</summary>
    public const string Embedded = "Microsoft.CodeAnalysis.EmbeddedAttribute";

    /// <summary>The file of the registration, without its ending: no entity's name has a hyphen.</summary>
    public const string RegistrationHint = "Assembly-Repositories";

    /// <summary>The file of <see cref="Embedded"/>, without its ending.</summary>
    public const string EmbeddedHint = "Assembly-Embedded";

    /// <summary>What the names of all generated files end with.</summary>
    public const string GeneratedSuffix = ".MemStorage.g.cs";
}
