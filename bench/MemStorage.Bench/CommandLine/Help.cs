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
            Console.WriteLine($"  {scenario.Name,-10} {scenario.Summary}");
        Console.WriteLine();
        Console.WriteLine("COMMAND --help lists the options of a command. All commands take:");
        Print(Arguments.Common);
    }

    public static void Print(Scenario scenario)
    {
        Console.WriteLine($"{scenario.Name}: {scenario.Summary}");
        Console.WriteLine();
        Print([.. scenario.Options, .. Arguments.Common]);
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
            Console.WriteLine($"  --{option.Name,-14} {option.Help}{defaults}");
        }
    }
}
