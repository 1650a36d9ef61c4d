using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Reporting;
using MemStorage.Bench.Scenarios;

Scenario[] scenarios =
[
    new GetScenario(), new SetScenario(), new MixedScenario(), new MemoryScenario(), new GcScenario(), new HitRatioScenario(),
    new TailScenario(), new BoundScenario(), new BuildScenario(), new PlotScenario(),
];

if (args.Length == 0 || args[0] is "--help" or "-h" or "help")
{
    Help.Print(scenarios);
    return 0;
}
if (scenarios.FirstOrDefault(s => s.Name == args[0]) is not { } scenario)
{
    Console.Error.WriteLine($"There is no command '{args[0]}'; --help lists them.");
    return 2;
}
if (args.Contains("--help"))
{
    Help.Print(scenario);
    return 0;
}
try
{
    Arguments arguments = Arguments.Parse(args.AsSpan(1), scenario.Options);
    Report report = new(scenario.Name);
    scenario.Run(arguments, report);
    report.Finish(arguments.Text("json"));
    return report.Failed ? 1 : 0;
}
catch (UsageException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
