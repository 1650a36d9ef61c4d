using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Page;
using MemStorage.Bench.Reporting;

namespace MemStorage.Bench.Scenarios;

/// <summary>Writes the tables of <c>docs/performance.md</c> again from the files that the other commands wrote.</summary>
internal sealed class PageScenario : Scenario
{
    public override string Name => "page";

    public override string Summary => "writes the tables of docs/performance.md again from the --json files of the others";

    public override IReadOnlyList<Option> Options { get; } =
    [
        new("from", "docs/performance", null, "the folder with the .json files"),
        new("page", "docs/performance.md", null, "the page; each table stands under a line <!-- table: NAME -->"),
        new("check", null, null, "write nothing; end with 1 if a table is not what the files say"),
    ];

    public override bool Measures => false;

    public override void Run(Arguments arguments, Report report)
    {
        string path = arguments.Text("page");
        if (!File.Exists(path))
            throw new UsageException($"--page: there is no file '{path}'.");
        if (!Directory.Exists(arguments.Text("from")))
            throw new UsageException($"--from: there is no folder '{arguments.Text("from")}'.");
        string before = File.ReadAllText(path);
        string after = PageFile.WithTables(before, new PageTables(new Figures(arguments.Text("from"))).Make);
        if (after == before)
            report.Progress($"{path}: {PageFile.Names(before).Count()} tables, all as the files say");
        else if (arguments.Has("check"))
            report.Fail($"{path} does not say what the files say.");
        else
        {
            File.WriteAllText(path, after);
            report.Progress($"wrote {path}: {PageFile.Names(before).Count()} tables");
        }
    }
}
