using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Plots;
using MemStorage.Bench.Reporting;

namespace MemStorage.Bench.Scenarios;

/// <summary>Draws the plots of <c>docs/performance.md</c> from the files that the other commands wrote.</summary>
internal sealed class PlotScenario : Scenario
{
    public override string Name => "plot";

    public override string Summary => "draws plots (SVG) and prints Markdown tables from the --json files of the other commands";

    public override IReadOnlyList<Option> Options { get; } =
    [
        new("from", "docs/performance", null, "the folder with the .json files"),
        new("to", "docs/performance", null, "where the plots go"),
    ];

    public override bool Measures => false;

    public override void Run(Arguments arguments, Report report)
    {
        string from = arguments.Text("from");
        if (!Directory.Exists(from))
            throw new UsageException($"--from: there is no folder '{from}'.");
        List<IReadOnlyList<Row>> runs = [.. Directory.GetFiles(from, "*.json").Order(StringComparer.Ordinal).Select(RowFile.Read)];
        if (runs.Count == 0)
            throw new UsageException($"--from: the folder '{from}' has no .json file.");
        foreach (string file in PlotFiles.Draw(runs, arguments.Text("to")))
            report.Progress($"drew {file}");
        MarkdownTables.Print([.. runs.SelectMany(r => r)], Console.Out);
    }
}
