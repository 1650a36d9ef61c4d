using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Shape;

/// <summary>The rules about the shape of an entity. Each has a page of the same name under <c>docs/rules</c>.</summary>
public static class ShapeRules
{
    /// <summary>The category of all of them.</summary>
    public const string Category = "MemStorage.Shape";

    /// <summary>The file of checked-in shapes (MST0013).</summary>
    public const string ShapesFile = "MemStorage.Shapes.txt";

    /// <summary>The property of MST0013 with the line that belongs into <see cref="ShapesFile"/>.</summary>
    public const string ShapeLineProperty = "line";

    /// <summary>The property of MST0013 with the names of the stored members, in order, separated by blanks.</summary>
    public const string StoredMembersProperty = "members";

    /// <summary>The property of MST0015 that says what the member is: key, version or index.</summary>
    public const string MarkedProperty = "marked";

    /// <summary>The properties of MST0019 with the texts that say one thing: first what was most likely meant, then what it is now.</summary>
    public const string TimeInHoursProperty = "hours";

    /// <inheritdoc cref="TimeInHoursProperty"/>
    public const string TimeInDaysProperty = "days";

    /// <summary>The property of MST0012 with the documentation id of the entity that is read.</summary>
    public const string EntityProperty = "entity";

    /// <summary>The property of MST0012 with the names of the members that can be set, separated by blanks.</summary>
    public const string MutableMembersProperty = "mutable";

    private const string HelpLinkBase = "https://github.com/memstorage/memstorage/blob/main/docs/rules/";

    public static readonly DiagnosticDescriptor NotMemoryPackable = Error(
        "MST0001",
        "An entity must be MemoryPackable",
        "'{0}' is marked [MemStorageEntity] but not [MemoryPackable], so it cannot be serialized and gets no repository");

    public static readonly DiagnosticDescriptor NoKey = Error(
        "MST0002",
        "An entity must have a key",
        "'{0}' has no member marked [MemStorageKey], so it gets no repository{1}");

    public static readonly DiagnosticDescriptor KeyOrder = Error(
        "MST0003",
        "The parts of a composite key must be numbered",
        "'{0}' is one of several key members of '{1}' and {2}; number them [MemStorageKey(0)], [MemStorageKey(1)], …");

    public static readonly DiagnosticDescriptor KeyType = Error(
        "MST0004",
        "The type of a key is not supported",
        "'{0}' cannot be a key: {1}");

    public static readonly DiagnosticDescriptor MutableKey = Warning(
        "MST0005",
        "A key should not change after construction",
        "The key '{0}' can be changed after construction; an entity whose key changed is stored a second time under the new key");

    public static readonly DiagnosticDescriptor VersionType = Error(
        "MST0006",
        "A version member must be a long",
        "The version member '{0}' is of type '{1}'; versions are 64-bit integers (long)");

    public static readonly DiagnosticDescriptor SeveralVersions = Error(
        "MST0007",
        "An entity has one version member",
        "'{0}' is marked [MemStorageVersion], but so is '{1}'");

    public static readonly DiagnosticDescriptor Placement = Error(
        "MST0008",
        "A repository cannot be generated for this kind of type",
        "'{0}' cannot be an entity: {1}");

    public static readonly DiagnosticDescriptor NotStored = Error(
        "MST0009",
        "Key, version and index members must be stored",
        "The {0} member '{1}' is not stored by MemoryPack: {2}");

    public static readonly DiagnosticDescriptor UnstorableMember = Warning(
        "MST0010",
        "A member cannot be stored",
        "'{0}' holds a '{1}', which means nothing outside the process and the moment it was made in; mark it [MemoryPackIgnore]");

    public static readonly DiagnosticDescriptor Collision = Error(
        "MST0011",
        "Two entities must not share a name",
        "'{0}' and '{1}' would have the same {2} '{3}'");

    public static readonly DiagnosticDescriptor MutableShared = Info(
        "MST0012",
        "A mutable entity is read without a copy",
        "'{0}' is shared with other callers, but '{1}' can be changed; with 'init' the compiler would hold the promise");

    public static readonly DiagnosticDescriptor ShapeChanged = Warning(
        "MST0013",
        "The stored shape of an entity changed",
        "The stored shape of '{0}' {1}");

    public static readonly DiagnosticDescriptor Unreachable = Error(
        "MST0014",
        "Key, version and index members must be reachable",
        "The {0} member '{1}' cannot be used by the repository: {2}");

    public static readonly DiagnosticDescriptor LosesValues = Warning(
        "MST0015",
        "MemoryPack does not restore this member",
        "'{0}' does not come back as it was stored: {1}");

    public static readonly DiagnosticDescriptor BrokenSerializer = Error(
        "MST0016",
        "MemoryPack cannot generate code for a type of this name or place",
        "MemoryPack's generator writes code that does not compile for '{0}': {1}");

    public static readonly DiagnosticDescriptor Options = Error(
        "MST0017",
        "An option of the entity is out of range",
        "{0} of '{1}' is {2}; {3}");

    public static readonly DiagnosticDescriptor IndexType = Error(
        "MST0018",
        "The type of an indexed member is not supported",
        "'{0}' cannot be indexed: {1}");

    public static readonly DiagnosticDescriptor NoFormatter = Warning(
        "MST0023",
        "MemoryPack cannot serialize a type within a member",
        "'{0}' holds a '{1}', for which MemoryPack has no formatter: a write throws; make it [MemoryPackable], a union of known types, or mark the member [MemoryPackAllowSerialize] when a formatter is registered by hand");

    public static readonly DiagnosticDescriptor LosesInitializer = Warning(
        "MST0020",
        "An initializer does not count for older records",
        "'{0}' of the version-tolerant '{1}' is not what its initializer says when a record written before the member existed is read, but null or zero; {2}");

    public static readonly DiagnosticDescriptor AmbiguousTime = Warning(
        "MST0019",
        "A time is written like hours and read as days",
        "TimeToLive = \"{0}\" of '{1}' is {2} days; write \"{3}\" or \"{4}\"");

    public static readonly DiagnosticDescriptor NotExtended = Error(
        "MST0021",
        "MemoryPack writes no code for a type",
        "MemoryPack writes no code for '{0}', and without it there is no repository: {1}");

    public static readonly DiagnosticDescriptor Failed = Error(
        "MST0022",
        "The generator failed",
        "No repository could be written for '{0}', which is a fault of the generator; please report it: {1}");

    private static DiagnosticDescriptor Error(string id, string title, string message) => Create(id, title, message, DiagnosticSeverity.Error);

    private static DiagnosticDescriptor Warning(string id, string title, string message) => Create(id, title, message, DiagnosticSeverity.Warning);

    private static DiagnosticDescriptor Info(string id, string title, string message) => Create(id, title, message, DiagnosticSeverity.Info);

    private static DiagnosticDescriptor Create(string id, string title, string message, DiagnosticSeverity severity) =>
        new(id, title, message, Category, severity, isEnabledByDefault: true, helpLinkUri: HelpLinkBase + id + ".md");
}
