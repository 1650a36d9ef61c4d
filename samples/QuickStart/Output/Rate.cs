using System.Diagnostics;

namespace QuickStart.Output;

/// <summary>Operations per second of one step, on the wall clock of this one run: an impression, not a benchmark.</summary>
internal readonly record struct Rate(string Name, long Operations, TimeSpan Time)
{
    public double PerSecond => Operations / Math.Max(Time.TotalSeconds, 1e-9);

    public static Rate Of(string name, long operations, Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return new Rate(name, operations, Stopwatch.GetElapsedTime(start));
    }
}
