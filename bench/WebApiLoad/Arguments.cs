using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace WebApiLoad;

/// <summary>How a run is bounded: what it takes is about 2 x <see cref="Rounds"/> x (<see cref="Seconds"/> + <see cref="WarmUpSeconds"/> + the start of a service).</summary>
internal sealed record Arguments
{
    public const string Usage = """
        WebApiLoad run [--seconds 15] [--warmup 15] [--products 200000] [--connections 8] [--rounds 3] [--out FOLDER]

        The sample service, and the same routes on MemoryCache and HybridCache with its defaults, in turn: each in a process of its own, the load in this one, on loopback.
        Prints a table; with --out also FOLDER/webapi.json and FOLDER/webapi.md.
        """;

    public int Seconds { get; private set; } = 15;

    /// <summary>Until the runtime has compiled for good what the requests run through: before, the compiler is a large part of what a service takes.</summary>
    public int WarmUpSeconds { get; private set; } = 15;

    public int Products { get; private set; } = 200_000;

    public int Connections { get; private set; } = 8;

    public int Rounds { get; private set; } = 3;

    public string? Out { get; private set; }

    /// <summary>False when there is anything that is not in <see cref="Usage"/>, or out of range.</summary>
    public static bool TryParse(ReadOnlySpan<string> args, [NotNullWhen(true)] out Arguments? arguments)
    {
        Arguments parsed = new();
        arguments = null;
        for (; args.Length >= 2; args = args[2..])
        {
            if (args[0] == "--out")
            {
                parsed.Out = args[1];
                continue;
            }
            if (!int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1)
                return false;
            switch (args[0])
            {
                case "--seconds" when number <= 3600:
                    parsed.Seconds = number;
                    break;
                case "--warmup" when number <= 3600:
                    parsed.WarmUpSeconds = number;
                    break;
                case "--products" when number is >= 500 and <= 10_000_000:
                    parsed.Products = number;
                    break;
                case "--connections" when number <= 1000:
                    parsed.Connections = number;
                    break;
                case "--rounds" when number <= 100:
                    parsed.Rounds = number;
                    break;
                default:
                    return false;
            }
        }
        arguments = parsed;
        return args.IsEmpty;
    }
}
