using System.Collections.Immutable;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// Takes what the parser finds wrong. The analyzer collects the diagnostics; the generator only wants to know whether there was an error and
/// so creates none.
/// </summary>
internal sealed class ShapeReporter
{
    private readonly List<Diagnostic>? _diagnostics;
    private readonly INamedTypeSymbol? _entity;
    private readonly Compilation? _compilation;

    private ShapeReporter(List<Diagnostic>? diagnostics, INamedTypeSymbol? entity, Compilation? compilation)
    {
        _diagnostics = diagnostics;
        _entity = entity;
        _compilation = compilation;
    }

    /// <summary>Whether something was found that makes generated code impossible.</summary>
    public bool HasErrors { get; private set; }

    /// <summary>Whether a member was told that cannot be stored.</summary>
    public bool HasUnstorable { get; private set; }

    /// <summary>For the generator.</summary>
    public static ShapeReporter Silent() => new(null, null, null);

    /// <summary>
    /// For the analyzer. Members that the entity inherits or reaches may be written in another project, which a workspace hands over with its source: a diagnostic there
    /// is none of this compilation, and reporting it is an exception. What is found there is told at the entity.
    /// </summary>
    public static ShapeReporter Into(List<Diagnostic> diagnostics, INamedTypeSymbol entity, Compilation compilation) => new(diagnostics, entity, compilation);

    /// <summary>Reports about a symbol.</summary>
    public void Report(DiagnosticDescriptor descriptor, ISymbol at, params object[] arguments) => Report(descriptor, at.SourceLocation(), arguments);

    /// <summary>Reports about a marked member, as an error whatever the rule's usual severity is.</summary>
    public void ReportMarked(DiagnosticDescriptor descriptor, ISymbol at, string role, params object[] arguments)
    {
        HasErrors = true;
        ImmutableDictionary<string, string?> properties = ImmutableDictionary<string, string?>.Empty.Add(ShapeRules.MarkedProperty, role);
        _diagnostics?.Add(Diagnostic.Create(descriptor, Own(at.SourceLocation()), DiagnosticSeverity.Error, additionalLocations: null, properties, arguments));
    }

    /// <summary>Reports about a symbol, with a place that a fix changes.</summary>
    public void ReportWithPlace(DiagnosticDescriptor descriptor, ISymbol at, Location? place, params object[] arguments)
    {
        HasErrors |= descriptor.DefaultSeverity == DiagnosticSeverity.Error;
        _diagnostics?.Add(Diagnostic.Create(descriptor, Own(at.SourceLocation()), place is null || !IsOwn(place) ? null : new[] { place }, arguments));
    }

    /// <summary>Reports about a place.</summary>
    public void Report(DiagnosticDescriptor descriptor, Location at, params object[] arguments)
    {
        // by the default severity: a rule that a user silenced still stops the generator, whose output would not compile
        HasErrors |= descriptor.DefaultSeverity == DiagnosticSeverity.Error;
        HasUnstorable |= descriptor.Id == ShapeRules.UnstorableMember.Id;
        _diagnostics?.Add(Diagnostic.Create(descriptor, Own(at), arguments));
    }

    /// <summary>Reports about a place, with what a fix needs to know.</summary>
    public void ReportWithProperties(DiagnosticDescriptor descriptor, Location at, ImmutableDictionary<string, string?> properties, params object[] arguments)
    {
        HasErrors |= descriptor.DefaultSeverity == DiagnosticSeverity.Error;
        _diagnostics?.Add(Diagnostic.Create(descriptor, Own(at), properties, arguments));
    }

    private Location Own(Location at) => IsOwn(at) ? at : _entity!.SourceLocation();

    private bool IsOwn(Location at) => at.SourceTree is { } tree && _compilation!.ContainsSyntaxTree(tree);
}
