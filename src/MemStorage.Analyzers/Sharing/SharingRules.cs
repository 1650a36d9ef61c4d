using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace MemStorage.Analyzers.Sharing;

/// <summary>The descriptors of MST1001 to MST1008. What each means to a user is on its page under <c>docs/rules</c>.</summary>
internal static class SharingRules
{
    public const string ChangeId = "MST1001";
    public const string PassedToMutatorId = "MST1002";
    public const string WritableEscapeId = "MST1003";
    public const string StoredId = "MST1004";
    /// <summary>A property of MST1002: what is changed lies deeper than a copy of the argument would reach.</summary>
    public const string Deep = "Deep";

    public const string BytesMadeWritableId = "MST1005";
    public const string ViewOutlivesScopeId = "MST1006";
    public const string StoredBackId = "MST1007";
    public const string ReturnedUnmarkedId = "MST1008";

    public static readonly DiagnosticDescriptor Change = new(
        ChangeId, "An object from a no-copy read is changed", "'{0}' changes an object that is shared with other callers ({1}); read a copy, or change a copy",
        Rule.SharingCategory, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        description: "A no-copy read returns an instance that every other reader holds too. A change to it, or to anything that is reached through it, is seen by all of them and is not in the store.",
        helpLinkUri: Rule.HelpLink(ChangeId));

    public static readonly DiagnosticDescriptor PassedToMutator = new(
        PassedToMutatorId, "An object from a no-copy read is passed to a method that changes it", "'{0}' changes an object that is shared with other callers ({1}); pass a copy",
        Rule.SharingCategory, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        description: "The called method, or one that it calls, changes its parameter or its receiver, and the object passed is shared with other readers.",
        helpLinkUri: Rule.HelpLink(PassedToMutatorId));

    public static readonly DiagnosticDescriptor WritableEscape = new(
        WritableEscapeId, "A shared object escapes through a writable alias", "'{0}' gives '{1}' write access to an object that is shared with other callers; pass a read-only view or a copy",
        Rule.SharingCategory, DiagnosticSeverity.Info, isEnabledByDefault: true,
        description: "An array, span or mutable collection of a shared object is passed to code whose body is not in sight and which could write to it.",
        helpLinkUri: Rule.HelpLink(WritableEscapeId));

    public static readonly DiagnosticDescriptor Stored = new(
        StoredId, "A shared object is stored where it outlives the method", "'{0}' keeps an object that is shared with other callers ({1}); keep a copy, or read it again",
        Rule.SharingCategory, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        description: "A shared instance that is kept in a field, a static, a longer-lived collection or an event handler goes stale, and whoever finds it there does not know that it must not be changed.",
        helpLinkUri: Rule.HelpLink(StoredId));

    public static readonly DiagnosticDescriptor BytesMadeWritable = new(
        BytesMadeWritableId, "No-copy bytes are made writable", "'{0}' makes bytes writable that the store and other callers share",
        Rule.SharingCategory, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        description: "The bytes of a no-copy read are the store's own. A write through MemoryMarshal or Unsafe corrupts the entry for every reader.",
        helpLinkUri: Rule.HelpLink(BytesMadeWritableId));

    public static readonly DiagnosticDescriptor ViewOutlivesScope = new(
        ViewOutlivesScopeId, "A scoped view is used after its scope", "'{0}' is a view that ends with the callback it was given to; it must not be kept or used across an await",
        Rule.SharingCategory, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        description: "The argument of a Read callback is valid only until the callback returns.",
        helpLinkUri: Rule.HelpLink(ViewOutlivesScopeId));

    public static readonly DiagnosticDescriptor StoredBack = new(
        StoredBackId, "The shared instance itself is stored back", "'{0}' stores the shared instance itself; store a copy",
        Rule.SharingCategory, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        description: "A write stamps the version member of the entity that it is given. Given the shared instance, it changes what other readers hold.",
        helpLinkUri: Rule.HelpLink(StoredBackId));

    public static readonly DiagnosticDescriptor ReturnedUnmarked = new(
        ReturnedUnmarkedId, "A shared object is returned from a public member that is not marked [NoCopy]", "'{0}' returns an object that is shared with other callers; mark it [NoCopy] so that its callers are checked too",
        Rule.SharingCategory, DiagnosticSeverity.Info, isEnabledByDefault: true,
        description: "Callers in other assemblies cannot see that the object is shared. The attribute tells them, and tells the analyzers.",
        helpLinkUri: Rule.HelpLink(ReturnedUnmarkedId));

    public static ImmutableArray<DiagnosticDescriptor> All { get; } =
        ImmutableArray.Create(Change, PassedToMutator, WritableEscape, Stored, BytesMadeWritable, ViewOutlivesScope, StoredBack, ReturnedUnmarked);
}
