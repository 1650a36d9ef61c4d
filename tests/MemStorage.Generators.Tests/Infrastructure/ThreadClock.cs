using System.Runtime.InteropServices;

namespace MemStorage.Generators.Tests.Infrastructure;

/// <summary>The processor time of the calling thread; on Windows, where no such clock is as easy to ask, that of the process.</summary>
internal static partial class ThreadClock
{
    private const int ThreadProcessorTime = 3; // CLOCK_THREAD_CPUTIME_ID on Linux
    private const int ThreadProcessorTimeMac = 16;

    /// <summary>The time this thread has run until now.</summary>
    public static TimeSpan Now
    {
        get
        {
            if (OperatingSystem.IsWindows() || ClockGetTime(OperatingSystem.IsMacOS() ? ThreadProcessorTimeMac : ThreadProcessorTime, out TimeSpec time) != 0)
                return Environment.CpuUsage.UserTime;
            return TimeSpan.FromSeconds((long)time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick);
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
