namespace MemStorage.Settings;

/// <summary>The memory that this process can have, as the garbage collector sees it: the limit of the container (of which .NET takes 75 % for its heap), a heap limit, or the machine.</summary>
internal static class AvailableMemory
{
    /// <summary>
    /// One of how many parts a store without a bound of its own takes. A quarter: two such stores and the rest of the application fit side by side, and a full collection has room to work in.
    /// From 2 GiB of heap on the default is 512 MiB whatever there is.
    /// </summary>
    public const int DefaultShare = 4;

    /// <summary>Bytes.</summary>
    public static long Bytes => Override ?? GC.GetGCMemoryInfo(GCKind.Any).TotalAvailableMemoryBytes;

    /// <summary>For tests: what the process is said to have.</summary>
    internal static long? Override { get; set; }

    /// <summary>The bound of a store that names none, in MiB: the smaller of <see cref="MemStoreOptions.DefaultMaxMemoryMB"/> and a quarter of what is available.</summary>
    public static int DefaultMaxMemoryMB => DefaultFor(Bytes);

    public static int DefaultFor(long available) => available <= 0
        ? MemStoreOptions.DefaultMaxMemoryMB
        : (int)Math.Clamp(available / DefaultShare >> 20, 1, MemStoreOptions.DefaultMaxMemoryMB);
}
