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

    /// <summary>How often the calling thread has given up the processor by itself, which is what waiting for a lock does. Linux only, elsewhere 0.</summary>
    public static long Waits
    {
        get
        {
            if (!OperatingSystem.IsLinux())
                return 0;
            Span<long> usage = stackalloc long[UsageFields];
            getrusage(UsageOfThread, ref MemoryMarshal.GetReference(usage));
            return usage[VoluntarySwitches];
        }
    }

    // struct rusage: two times of two words, then fourteen counters
    private const int UsageFields = 18;
    private const int VoluntarySwitches = 16;
    private const int UsageOfThread = 1;

    [LibraryImport("libc")]
    private static partial int getrusage(int who, ref long usage);

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out Timespec time);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
