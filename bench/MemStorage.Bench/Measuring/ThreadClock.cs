using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MemStorage.Bench.Measuring;

/// <summary>
/// The processor time of the calling thread. On a shared machine it tells what an operation costs; wall time tells what the neighbours do. Where the system
/// has no such clock (Windows), wall time stands in.
/// </summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID on Linux
    private const int ThreadCpuTimeMac = 16;

    public static bool IsCpuTime => !OperatingSystem.IsWindows();

    public static long Nanoseconds
    {
        get
        {
            if (!IsCpuTime)
                return Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency);
            clock_gettime(OperatingSystem.IsMacOS() ? ThreadCpuTimeMac : ThreadCpuTime, out Timespec time);
            return time.Seconds * 1_000_000_000 + time.Nanoseconds;
        }
    }

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out Timespec time);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
