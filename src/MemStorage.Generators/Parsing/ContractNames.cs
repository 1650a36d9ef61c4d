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

    public const string MemoryPackNamespace = "MemoryPack";
    public const string MemoryPackable = "MemoryPackableAttribute";
    public const string MemoryPackIgnore = "MemoryPackIgnoreAttribute";
    public const string MemoryPackInclude = "MemoryPackIncludeAttribute";
    public const string MemoryPackOrder = "MemoryPackOrderAttribute";
    public const string MemoryPackUnion = "MemoryPackUnionAttribute";
    public const string MemoryPackConstructor = "MemoryPackConstructorAttribute";

    public const string ServiceCollection = "Microsoft.Extensions.DependencyInjection.IServiceCollection";

    /// <summary>What the names of all generated files end with.</summary>
    public const string GeneratedSuffix = ".MemStorage.g.cs";
}
