using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Reporting;

namespace MemStorage.Bench.Scenarios;

/// <summary>One command.</summary>
internal abstract class Scenario
{
    public abstract string Name { get; }

    /// <summary>One line for the help.</summary>
    public abstract string Summary { get; }

    public abstract IReadOnlyList<Option> Options { get; }

    public abstract void Run(Arguments arguments, Report report);
}
