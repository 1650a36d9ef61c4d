using MemStorage.Bench.Scenarios;

namespace MemStorage.Bench.CommandLine;

internal static class Help
{
    public static void Print(IReadOnlyList<Scenario> scenarios)
    {
        Console.WriteLine("MemStorage.Bench: MemStorage beside what one would use instead, in one process, interleaved.");
        Console.WriteLine();
        Console.WriteLine("  dotnet run -c Release --project bench/MemStorage.Bench -- COMMAND [options]");
        Console.WriteLine();
        foreach (Scenario scenario in scenarios)
            Console.WriteLine($"  {scenario.Name,-14} {scenario.Summary}");
        Console.WriteLine();
        Console.WriteLine("COMMAND --help lists the options of a command. All that measure take:");
        Print(Arguments.Common);
        Console.WriteLine();
        Console.WriteLine("Exit code: 0; 1 if something was not as it must be; 2 if the command line or a file is wrong.");
    }

    public static void Print(Scenario scenario)
    {
        Console.WriteLine($"{scenario.Name}: {scenario.Summary}");
        Console.WriteLine();
        Print(scenario.AllOptions);
        if (scenario.Subjects.Count == 0)
            return;
        Console.WriteLine();
        Console.WriteLine("Subjects: " + string.Join("; ", scenario.Subjects));
    }

    private static void Print(IEnumerable<Option> options)
    {
        foreach (Option option in options)
        {
            string defaults = option.Default switch
            {
                null or "" => "",
                _ when option.Quick is null => $" (default {option.Default})",
                _ => $" (default {option.Default}; quick {option.Quick})",
            };
            Console.WriteLine($"  --{option.Name,-12} {option.Help}{defaults}");
            if (option.Rule is { } rule)
                Console.WriteLine($"    {"",-12} {rule.Text}");
        }
    }
}
