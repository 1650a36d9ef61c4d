using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Reporting;
using MemStorage.Bench.Scenarios;

Scenario[] scenarios =
[
    new GetScenario(), new SetScenario(), new MixedScenario(), new MemoryScenario(), new GcScenario(), new HitRatioScenario(),
    new TailScenario(), new BoundScenario(), new AmplificationScenario(), new BuildScenario(), new PlotScenario(), new PageScenario(),
];

if (args.Length == 0 || args[0] is "--help" or "-h" or "help")
{
    Help.Print(scenarios);
    return 0;
}
if (scenarios.FirstOrDefault(s => s.Name == args[0]) is not { } scenario)
{
    Console.Error.WriteLine($"There is no command '{args[0]}'; there are {string.Join(", ", scenarios.Select(s => s.Name))}.");
    return 2;
}
if (args.Contains("--help") || args.Contains("-h"))
{
    Help.Print(scenario);
    return 0;
}
try
{
    Arguments arguments = Arguments.Parse(args.AsSpan(1), scenario.AllOptions, scenario.Subjects);
    string json = scenario.Measures ? arguments.Text("json") : "";
    Report.CheckWritable(json);
    Report report = new(scenario.Name);
    scenario.Run(arguments, report);
    report.Finish(json);
    return report.Failed ? 1 : 0;
}
catch (Exception e) when (e is UsageException or InvalidDataException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
