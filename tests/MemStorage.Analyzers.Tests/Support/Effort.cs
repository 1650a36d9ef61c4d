using System.Globalization;

namespace MemStorage.Analyzers.Tests.Support;

/// <summary>How much the random tests try: seconds in the suite; more on demand, through the environment variables of docs/testing.md.</summary>
internal static class Effort
{
    /// <summary><c>MEMSTORAGE_TEST_EFFORT</c>: multiplies the number of random programs.</summary>
    public static int Programs(int count) => (int)Math.Min(int.MaxValue, count * Number("MEMSTORAGE_TEST_EFFORT", 1));

    /// <summary><c>MEMSTORAGE_TEST_SEED</c>: another seed than the test's own.</summary>
    public static int Seed(int seed) => (int)Number("MEMSTORAGE_TEST_SEED", seed);

    private static double Number(string variable, double otherwise) =>
        double.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : otherwise;
}
