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

    private ShapeReporter(List<Diagnostic>? diagnostics) => _diagnostics = diagnostics;

    /// <summary>Whether something was found that makes generated code impossible.</summary>
    public bool HasErrors { get; private set; }

    /// <summary>For the generator.</summary>
    public static ShapeReporter Silent() => new(null);

    /// <summary>For the analyzer.</summary>
    public static ShapeReporter Into(List<Diagnostic> diagnostics) => new(diagnostics);

    /// <summary>Reports about a symbol.</summary>
    public void Report(DiagnosticDescriptor descriptor, ISymbol at, params object[] arguments) => Report(descriptor, at.SourceLocation(), arguments);

    /// <summary>Reports about a marked member, as an error whatever the rule's usual severity is.</summary>
    public void ReportMarked(DiagnosticDescriptor descriptor, ISymbol at, string role, params object[] arguments)
    {
        HasErrors = true;
        ImmutableDictionary<string, string?> properties = ImmutableDictionary<string, string?>.Empty.Add(ShapeRules.MarkedProperty, role);
        _diagnostics?.Add(Diagnostic.Create(descriptor, at.SourceLocation(), DiagnosticSeverity.Error, additionalLocations: null, properties, arguments));
    }

    /// <summary>Reports about a symbol, with a place that a fix changes.</summary>
    public void ReportWithPlace(DiagnosticDescriptor descriptor, ISymbol at, Location? place, params object[] arguments)
    {
        HasErrors |= descriptor.DefaultSeverity == DiagnosticSeverity.Error;
        _diagnostics?.Add(Diagnostic.Create(descriptor, at.SourceLocation(), place is null ? null : new[] { place }, arguments));
    }

    /// <summary>Reports about a place.</summary>
    public void Report(DiagnosticDescriptor descriptor, Location at, params object[] arguments)
    {
        // by the default severity: a rule that a user silenced still stops the generator, whose output would not compile
        HasErrors |= descriptor.DefaultSeverity == DiagnosticSeverity.Error;
        _diagnostics?.Add(Diagnostic.Create(descriptor, at, arguments));
    }
}
