namespace MemStorage.Storage;

/// <summary>Where a test can interleave another thread.</summary>
internal enum TestPoint
{
    /// <summary>Before a segment is allocated; a test may throw <see cref="OutOfMemoryException"/>.</summary>
    AllocateSegment,

    /// <summary>Reader: has the table of the key, probes it next.</summary>
    ReadAfterTable,

    /// <summary>Reader: has the slot, not yet the segment.</summary>
    ReadAfterSlot,

    /// <summary>Reader: has looked at the slot again, reads the record next.</summary>
    ReadBeforeRecord,

    /// <summary>Reader: has the header of the record it looks for, copies the value next.</summary>
    ReadBeforeCopy,

    /// <summary>Reader: has copied the value, checks the generation next.</summary>
    ReadAfterCopy,

    /// <summary>No-copy reader: has marked the segment as shared, checks the generation next.</summary>
    NoCopyAfterMark,

    /// <summary>Writer: the record is busy, the bytes change next.</summary>
    InPlaceBusy,

    /// <summary>Reclaimer: the generation has moved, the shared flag is read next.</summary>
    RecycleAfterGeneration,

    /// <summary>Writer: a segment's number is being taken away and its generation says so, the shared flag is read next.</summary>
    RetireAfterGeneration,

    /// <summary>Reclaimer: one record is copied, its slot is published next.</summary>
    RelocateBeforePublish,

    /// <summary>Writer: header and key of a new record are written, the value is not.</summary>
    WriteHalfWay,

    /// <summary>Writer: the new record is written, its slot is published next.</summary>
    WriteBeforePublish,

    /// <summary>Writer: a table is about to grow.</summary>
    IndexBeforeGrow,

    /// <summary>Writer: a table has grown and is published.</summary>
    IndexAfterGrow,
}

/// <summary>
/// Switches by which the tests take one guard out and show that the proofs notice, and named points at which they interleave threads. All off
/// in the product: the fields are constants then, and the compiler removes them. The tests build the runtime with MEMSTORAGE_TESTHOOKS.
/// </summary>
internal static class TestHooks
{
#if MEMSTORAGE_TESTHOOKS
    public static volatile bool SkipGenerationCheck;
    public static volatile bool SkipGenerationBump;
    public static volatile bool SkipSlotRecheck;
    public static volatile bool SkipVersionCheck;
    public static volatile bool IgnoreShared;
    public static volatile bool SkipDirectoryCheck;
    private static volatile Action<TestPoint>? s_callback;

    public static Action<TestPoint>? Callback
    {
        get => s_callback;
        set => s_callback = value;
    }

    public static void At(TestPoint point) => s_callback?.Invoke(point);
#else
    public const bool SkipGenerationCheck = false;
    public const bool SkipGenerationBump = false;
    public const bool SkipSlotRecheck = false;
    public const bool SkipVersionCheck = false;
    public const bool IgnoreShared = false;
    public const bool SkipDirectoryCheck = false;

    [System.Diagnostics.Conditional("MEMSTORAGE_TESTHOOKS")]
    public static void At(TestPoint point) => _ = point;
#endif
}
