using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace MemStorage.Analyzers.Versions;

/// <summary>The descriptors of MST2001 to MST2009. What each means to a user is on its page under <c>docs/rules</c>.</summary>
internal static class VersionRules
{
    public const string DroppedResultId = "MST2001";
    public const string LostUpdateId = "MST2002";
    public const string ForeignVersionId = "MST2003";
    public const string BlindDeleteId = "MST2004";
    public const string StaleVersionId = "MST2005";
    public const string RetryWithoutReadId = "MST2006";
    public const string EmptyConflictId = "MST2007";
    public const string ClockVersionId = "MST2008";
    public const string VersionAssignedId = "MST2009";

    public static readonly DiagnosticDescriptor DroppedResult = new(
        DroppedResultId, "The result of a write is dropped", "The result of '{0}' is dropped: a write that was refused would go unnoticed",
        Rule.VersionsCategory, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        description: "A write says whether it happened: it can lose to a newer version or not fit into the memory bound. Look at the result, or call the variant that throws.",
        helpLinkUri: Rule.HelpLink(DroppedResultId));

    public static readonly DiagnosticDescriptor LostUpdate = new(
        LostUpdateId, "A changed entity is written back without the version that was read", "'{0}' writes back what was read and changed without the version that was read: a write in between is overwritten",
        Rule.VersionsCategory, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        description: "Between the read and the write another writer may have stored a newer version, which this write replaces unseen. Pass the version that was read, or use Update.",
        helpLinkUri: Rule.HelpLink(LostUpdateId));

    public static readonly DiagnosticDescriptor ForeignVersion = new(
        ForeignVersionId, "The version does not come from a read of this key", "The version given to '{0}' is {1}, not one read from this key",
        Rule.VersionsCategory, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        description: "A compare-and-set protects only when the version was read from the entry that is written.",
        helpLinkUri: Rule.HelpLink(ForeignVersionId));

    public static readonly DiagnosticDescriptor BlindDelete = new(
        BlindDeleteId, "A decision on a read value ends in a delete without its version", "'{0}' deletes on the strength of what was read, without the version that was read: a newer value would be deleted unseen",
        Rule.VersionsCategory, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        description: "Between the read and the delete another writer may have stored a value for which the decision would be another. Pass the version that was read.",
        helpLinkUri: Rule.HelpLink(BlindDeleteId));

    public static readonly DiagnosticDescriptor StaleVersion = new(
        StaleVersionId, "A version is used again after a successful write", "'{0}' was already replaced by the write in line {1}; the entry has a new version",
        Rule.VersionsCategory, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        description: "A successful write gives the entry a new version. A second compare with the old one is always refused.",
        helpLinkUri: Rule.HelpLink(StaleVersionId));

    public static readonly DiagnosticDescriptor RetryWithoutRead = new(
        RetryWithoutReadId, "A retry loop does not read again", "The loop repeats '{0}' with what was read before the loop: a refused version is refused again",
        Rule.VersionsCategory, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        description: "A compare-and-set that lost must read the entry again before it is repeated, or use Update, which does.",
        helpLinkUri: Rule.HelpLink(RetryWithoutReadId));

    public static readonly DiagnosticDescriptor EmptyConflict = new(
        EmptyConflictId, "A conflict is answered with an empty block", "The conflict of '{0}' is answered with an empty {1}: a lost write goes unnoticed",
        Rule.VersionsCategory, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        description: "A refused write needs an answer: read again, tell the caller, log. A comment in the block states that nothing needs to be done.",
        helpLinkUri: Rule.HelpLink(EmptyConflictId));

    public static readonly DiagnosticDescriptor ClockVersion = new(
        ClockVersionId, "A version is built from or compared with a clock", "'{0}' reads a clock; a version comes from the store's own clock",
        Rule.VersionsCategory, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        description: "Versions are values of a hybrid logical clock that never goes backwards. Ticks of another clock have another unit, step back, and are refused or win for ever. Use store.Clock.Next(), or HybridLogicalClock.TimeOf to compare with a time.",
        helpLinkUri: Rule.HelpLink(ClockVersionId));

    public static readonly DiagnosticDescriptor VersionAssigned = new(
        VersionAssignedId, "The version member is assigned by hand", "'{0}' is set by the store on every read and write; do not assign it",
        Rule.VersionsCategory, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        description: "An assigned version makes the next compare-and-set lie about what was read.",
        helpLinkUri: Rule.HelpLink(VersionAssignedId));

    public static ImmutableArray<DiagnosticDescriptor> All { get; } =
        ImmutableArray.Create(DroppedResult, LostUpdate, ForeignVersion, BlindDelete, StaleVersion, RetryWithoutRead, EmptyConflict, ClockVersion, VersionAssigned);
}
