using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using QuickStart.Data;

namespace QuickStart;

/// <summary>The command line.</summary>
internal sealed record Arguments(int Places, int Threads, int MemoryMB, bool Help)
{
    public const string Usage = """
        A tour of MemStorage on the places of the world.

        usage: QuickStart [--places N] [--threads N] [--memory MiB] [--help]

          --places   how many of the 171,075 places to load   1000 to 171075   default 171075
          --threads  how many threads update one place        1 to 64          default 4
          --memory   the bound of the store in MiB            64 to 65536      default 256
          --help     this text

        exit codes: 0 every promise that was shown held, 1 one did not, 2 bad arguments
        """;

    /// <summary>Reads the arguments; <paramref name="fault"/> says what is wrong with them.</summary>
    public static bool TryParse(string[] args, [NotNullWhen(true)] out Arguments? result, [NotNullWhen(false)] out string? fault)
    {
        Arguments parsed = new(PlaceData.PlaceCount, 4, 256, Help: false);
        result = null;
        for (int i = 0; i < args.Length; i++)
        {
            string name = args[i];
            if (name is "--help" or "-h" or "-?")
            {
                parsed = parsed with { Help = true };
                continue;
            }
            (int min, int max) = name switch
            {
                "--places" => (1000, PlaceData.PlaceCount),
                "--threads" => (1, 64),
                "--memory" => (64, 65536),
                _ => (0, -1),
            };
            if (max < 0)
            {
                fault = $"unknown argument '{name}'";
                return false;
            }
            string? text = ++i < args.Length ? args[i] : null;
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value < min || value > max)
            {
                fault = $"{name} is {(text is null ? "missing" : $"'{text}'")}; {min} to {max} are allowed";
                return false;
            }
            parsed = name switch
            {
                "--places" => parsed with { Places = value },
                "--threads" => parsed with { Threads = value },
                _ => parsed with { MemoryMB = value },
            };
        }
        (result, fault) = (parsed, null);
        return true;
    }
}
