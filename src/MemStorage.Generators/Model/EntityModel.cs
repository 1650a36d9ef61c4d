using MemStorage.Generators.Infrastructure;

namespace MemStorage.Generators.Model;

/// <summary>Everything the emitters need to know about one entity. Compares by value; holds no symbol, so that the pipeline can cache it.</summary>
/// <param name="HintName">The name of the generated file without its ending: unique in the compilation.</param>
/// <param name="Namespace">The namespace as source writes it; empty for the global one.</param>
/// <param name="Containers">The partial types around a nested entity, outermost first.</param>
/// <param name="Name">The simple name as source writes it (escaped when it is a keyword).</param>
/// <param name="PlainName">The simple name without escapes; other names are built from it.</param>
/// <param name="FullName">The name people use: <c>Shop.Order</c>.</param>
/// <param name="Source">The type as source can name it: <c>global::Shop.Order</c>.</param>
/// <param name="Accessibility">The accessibility of the repository: the entity's own.</param>
/// <param name="HasInterface">Whether <c>IOrderRepository</c> is generated: not where people have a type of that name that is no part of it.</param>
/// <param name="ExtensionAccessibility">What everybody who sees the entity can reach: public or internal; null when a namespace cannot name the entity.</param>
/// <param name="ExtensionName">The method on the store: <c>Orders</c>.</param>
/// <param name="ExtensionClass">The static class of that method.</param>
/// <param name="IsValueType">Whether the entity is a struct.</param>
/// <param name="IsUnmanaged">Whether it holds no references: such an entity can be read in place.</param>
/// <param name="Key">The key.</param>
/// <param name="Version">The version member, if there is one.</param>
/// <param name="Indexes">The indexed members.</param>
/// <param name="Options">What the attribute says.</param>
/// <param name="Shape">What MemoryPack stores of the entity, as a fingerprint.</param>
/// <param name="Formatters">The serializers that the entity reaches and that could be found at run time by reflection only.</param>
/// <param name="Silenced">The warnings that naming the entity and its members brings: it is obsolete or experimental.</param>
/// <param name="BreaksClsCompliance">Whether the assembly promises CLS compliance and others see the repository, whose base class does not promise it.</param>
internal sealed record EntityModel(
    string HintName,
    string Namespace,
    EquatableArray<ContainerModel> Containers,
    string Name,
    string PlainName,
    string FullName,
    string Source,
    string Accessibility,
    bool HasInterface,
    string? ExtensionAccessibility,
    string ExtensionName,
    string ExtensionClass,
    bool IsValueType,
    bool IsUnmanaged,
    KeyModel Key,
    VersionModel? Version,
    EquatableArray<IndexModel> Indexes,
    OptionsModel Options,
    ShapeModel Shape,
    EquatableArray<FormatterModel> Formatters,
    EquatableArray<string> Silenced,
    bool BreaksClsCompliance)
{
    /// <summary>The simple name of the repository.</summary>
    public string RepositoryName => PlainName + "Repository";

    /// <summary>The simple name of the repository's interface.</summary>
    public string InterfaceName => "I" + RepositoryName;

    /// <summary>The interface as source can name it from anywhere.</summary>
    public string InterfaceSource => QualifiedPrefix + InterfaceName;

    /// <summary>The repository as source can name it from anywhere.</summary>
    public string RepositorySource => QualifiedPrefix + RepositoryName;

    /// <summary><c>global::Namespace.Outer.</c>: what stands before the name of anything generated beside the entity.</summary>
    public string QualifiedPrefix =>
        "global::" + (Namespace.Length == 0 ? "" : Namespace + ".") + string.Concat(Containers.Select(static c => c.Name + "."));
}

/// <summary>A partial type around a nested entity.</summary>
/// <param name="Keywords">What its declaration says between <c>partial</c> and the name: <c>class</c>, <c>record struct</c>, …</param>
/// <param name="Name">Its name as source writes it.</param>
internal sealed record ContainerModel(string Keywords, string Name);

/// <summary>The version member.</summary>
/// <param name="Name">Its name as source writes it.</param>
/// <param name="PlainName">Its name without escapes.</param>
/// <param name="Setter">How it is set.</param>
/// <param name="DeclaringType">The type that declares it, as source names it; an accessor binds to it.</param>
/// <param name="DeclaringIsValueType">Whether that type is a struct.</param>
internal sealed record VersionModel(string Name, string PlainName, VersionSetter Setter, string DeclaringType, bool DeclaringIsValueType);

/// <summary>How generated code sets the version member.</summary>
internal enum VersionSetter
{
    /// <summary>A plain assignment.</summary>
    Assign,

    /// <summary>Through an accessor that the runtime binds without reflection: the setter is <c>init</c> or not visible.</summary>
    Accessor,
}

/// <summary>An indexed member.</summary>
/// <param name="Name">Its name as source writes it.</param>
/// <param name="PlainName">Its name as part of others: <c>FindBy</c> + this.</param>
/// <param name="Part">Its type and how a value of it is written as bytes.</param>
/// <param name="IsNullable">Whether a value may be null; <c>FindBy…(null)</c> then finds those with null.</param>
/// <param name="Reference">What documentation says for it.</param>
internal sealed record IndexModel(string Name, string PlainName, KeyPartModel Part, bool IsNullable, string Reference);

/// <summary>What the attribute says, checked.</summary>
/// <param name="KeySpace">The name of the key space.</param>
/// <param name="TimeToLiveTicks">The time to live; 0 for none.</param>
/// <param name="Sliding">Whether a read prolongs it.</param>
/// <param name="JitterPercent">How much of it is random.</param>
/// <param name="SharedInstances">How many decoded instances are kept for no-copy reads.</param>
internal sealed record OptionsModel(string KeySpace, long TimeToLiveTicks, bool Sliding, int JitterPercent, int SharedInstances);

/// <summary>What MemoryPack stores of an entity.</summary>
/// <param name="Fingerprint">A stable hash of <paramref name="Text"/> and of the shapes it reaches.</param>
/// <param name="Text">The members of the entity itself, for people: <c>Id:int Customer:string</c>.</param>
/// <param name="VersionTolerant">Whether MemoryPack reads older shapes of it.</param>
/// <param name="Slots">Of a version-tolerant entity: what must not change from one shape to the next.</param>
internal sealed record ShapeModel(uint Fingerprint, string Text, bool VersionTolerant, EquatableArray<SlotModel> Slots);

/// <summary>A place in a version-tolerant entity. Two shapes understand each other when they agree in all places that both have.</summary>
/// <param name="Path">The orders that lead to it: <c>2</c>, in a tolerant type within <c>2/0</c>; <c>key</c> for the members that are the key.</param>
/// <param name="Name">The name of the member; empty where there is none.</param>
/// <param name="Hash">A stable hash of what lies there.</param>
/// <param name="InRecord">Whether every record carries it; otherwise the checked-in file alone does.</param>
internal sealed record SlotModel(string Path, string Name, ushort Hash, bool InRecord)
{
    /// <summary>As records carry it, from the top: hashes of 16 bits of the place, of the name there, of what lies there.</summary>
    public ulong RecordForm => ((ulong)(ushort)StableHash.Compute(Path) << 32) | ((ulong)(ushort)StableHash.Compute(Parent + Name) << 16) | Hash;

    /// <summary>The path of the type that the place is in.</summary>
    public string Parent => Path.Substring(0, Path.LastIndexOf('/') + 1);
}

/// <summary>A serializer to register.</summary>
/// <param name="Type">The type it is for, as source names it.</param>
/// <param name="Formatter">The formatter's type; null when the type registers itself (it is MemoryPackable).</param>
/// <param name="Replaces">Whether it takes the place of the one MemoryPack has.</param>
internal sealed record FormatterModel(string Type, string? Formatter, bool Replaces = false);
