namespace MemStorage.Bench.Reporting;

/// <summary>One figure.</summary>
/// <param name="Scenario">The command.</param>
/// <param name="Subject">What was measured.</param>
/// <param name="Threads">How many threads asked.</param>
/// <param name="Entries">How many entries there were, or fit; in hit ratios by memory and in amplification, the bound in bytes.</param>
/// <param name="Metric">What the figure says.</param>
/// <param name="Unit">Of median, min and max.</param>
/// <param name="Median">Of the runs.</param>
/// <param name="Min">The smallest.</param>
/// <param name="Max">The largest.</param>
/// <param name="Runs">How many.</param>
internal sealed record Row(string Scenario, string Subject, int Threads, long Entries, string Metric, string Unit, double Median, double Min, double Max, int Runs);
