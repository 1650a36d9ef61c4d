using System.Globalization;

namespace MemStorage.Tests.Support;

/// <summary>
/// How much the random tests try. In the suite: seconds. On demand, through environment variables (docs/testing.md): a multiple of the histories, or
/// soaks of any length.
/// </summary>
internal static class Effort
{
    /// <summary><c>MEMSTORAGE_TEST_EFFORT</c>: multiplies the number of random histories; default 1.</summary>
    public static int Histories(int count) => (int)Math.Min(int.MaxValue, count * Number("MEMSTORAGE_TEST_EFFORT", 1));

    /// <summary><c>MEMSTORAGE_SOAK_SECONDS</c>: how long each soak runs; default as given.</summary>
    public static TimeSpan Soak(double seconds) => TimeSpan.FromSeconds(Number("MEMSTORAGE_SOAK_SECONDS", seconds));

    /// <summary><c>MEMSTORAGE_TEST_SEED</c>: the seed of the tests that draw their own random numbers; default: a new one, which every failure prints.</summary>
    public static int Seed() => (int)Number("MEMSTORAGE_TEST_SEED", Random.Shared.Next());

    /// <summary>The same variable for tests whose seeds are the same in every run: where they begin; default 0.</summary>
    public static int FirstSeed => (int)Number("MEMSTORAGE_TEST_SEED", 0);

    private static double Number(string variable, double otherwise) =>
        double.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value > 0 ? value : otherwise;
}
