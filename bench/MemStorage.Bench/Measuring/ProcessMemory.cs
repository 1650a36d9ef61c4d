using System.Diagnostics;

namespace MemStorage.Bench.Measuring;

internal static class ProcessMemory
{
    /// <summary>The resident set of this process in bytes.</summary>
    public static long Resident
    {
        get
        {
            using Process process = Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }

    /// <summary>The managed heap after full collections.</summary>
    public static long Heap
    {
        get
        {
            for (int i = 0; i < 3; i++)
            {
                GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
                GC.WaitForPendingFinalizers();
            }
            return GC.GetTotalMemory(forceFullCollection: true);
        }
    }
}
