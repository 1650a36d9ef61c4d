using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Reporting;

namespace MemStorage.Bench.Scenarios;

/// <summary>One command.</summary>
internal abstract class Scenario
{
    public abstract string Name { get; }

    /// <summary>One line for the help.</summary>
    public abstract string Summary { get; }

    /// <summary>Its own options.</summary>
    public abstract IReadOnlyList<Option> Options { get; }

    /// <summary>The names that <c>--subjects</c> chooses from; none where there is nothing to choose.</summary>
    public virtual IReadOnlyList<string> Subjects => [];

    /// <summary>Whether there are rows to write and a run that can be short.</summary>
    public virtual bool Measures => true;

    public IReadOnlyList<Option> AllOptions => [.. Options, .. Measures ? Arguments.Common : [], .. Subjects.Count > 0 ? [Arguments.SubjectsOption] : Array.Empty<Option>()];

    public abstract void Run(Arguments arguments, Report report);
}
