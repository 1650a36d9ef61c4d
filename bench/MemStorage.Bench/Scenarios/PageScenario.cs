using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Page;
using MemStorage.Bench.Reporting;

namespace MemStorage.Bench.Scenarios;

/// <summary>Writes the tables of <c>docs/performance.md</c>, and the one of the README, again from the files that the other commands wrote.</summary>
internal sealed class PageScenario : Scenario
{
    public override string Name => "page";

    public override string Summary => "writes the tables of docs/performance.md and README.md again from the --json files of the others";

    public override IReadOnlyList<Option> Options { get; } =
    [
        new("from", "docs/performance", null, "the folder with the .json files"),
        new("page", "docs/performance.md", null, "the page; each table stands under a line <!-- table: NAME -->"),
        new("readme", "README.md", null, "the page with the one table that has an overview"),
        new("check", null, null, "write nothing; end with 1 if a table is not what the files say"),
    ];

    public override bool Measures => false;

    public override void Run(Arguments arguments, Report report)
    {
        if (!Directory.Exists(arguments.Text("from")))
            throw new UsageException($"--from: there is no folder '{arguments.Text("from")}'.");
        PageTables tables = new(new Figures(arguments.Text("from")));
        Write("page", page => PageFile.WithTables(page, tables.Make));
        Write("readme", page => PageFile.WithTable(page, tables.Make("README")));

        void Write(string option, Func<string, string> change)
        {
            string path = arguments.Text(option);
            if (!File.Exists(path))
                throw new UsageException($"--{option}: there is no file '{path}'.");
            string before = File.ReadAllText(path);
            string after = change(before);
            if (after == before)
                report.Progress($"{path} says what the files say");
            else if (arguments.Has("check"))
                report.Fail($"{path} does not say what the files say");
            else
            {
                File.WriteAllText(path, after);
                report.Progress($"wrote {path}");
            }
        }
    }
}
