namespace MemStorage.Storage;

/// <summary>Where a test can interleave another thread.</summary>
internal enum TestPoint
{
    /// <summary>Before a segment is allocated; a test may throw <see cref="OutOfMemoryException"/>.</summary>
    AllocateSegment,

    /// <summary>Before the change log is made larger; as above.</summary>
    AllocateChangeLog,

    /// <summary>Before the ghost is made; as above.</summary>
    AllocateGhost,

    /// <summary>Before the value of a record that is appended again is copied; as above.</summary>
    AllocateCopy,

    /// <summary>Reader on the straight way: has the table of the key, probes it next. What it does not find is looked for again.</summary>
    ReadStraightAfterTable,

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

    /// <summary>Reader: has found nothing in the table, looks at the directory again next.</summary>
    ReadBeforeMiss,

    /// <summary>No-copy reader: has marked the segment as shared, checks the generation next.</summary>
    NoCopyAfterMark,

    /// <summary>Writer: the record is busy, the bytes change next.</summary>
    InPlaceBusy,

    /// <summary>Writer: the header of the busy record is that of the new value, its bytes are not.</summary>
    InPlaceHalfWay,

    /// <summary>Writer: the busy record has its new bytes, its version comes next.</summary>
    InPlaceBeforeVersion,

    /// <summary>Reclaimer: all records of a segment are out of the index, its generation moves next.</summary>
    RecycleBeforeGeneration,

    /// <summary>Reclaimer: the generation has moved, the shared flag is read next.</summary>
    RecycleAfterGeneration,

    /// <summary>A segment is given up: its generation says so, the shared flag is read next.</summary>
    RetireAfterGeneration,

    /// <summary>Reclaimer: a step begins.</summary>
    ReclaimStep,

    /// <summary>Reclaimer: one record is copied, its slot is published next.</summary>
    RelocateBeforePublish,

    /// <summary>Reclaimer: the slot of a moved record is published, the old place is counted as dead next.</summary>
    RelocateAfterPublish,

    /// <summary>A record is about to leave the index.</summary>
    DropBeforeRemove,

    /// <summary>A record has left the index, its bytes are counted as dead next.</summary>
    DropAfterRemove,

    /// <summary>The policy has judged that a record goes.</summary>
    JudgedToGo,

    /// <summary>A record goes for want of room, without or against the policy's word: nothing else has made room.</summary>
    DroppedByForce,

    /// <summary>A record that the policy would keep goes, because there is no segment to which it could be copied.</summary>
    DroppedUnheeded,

    /// <summary>A cleaning is given up: its segment goes back into its log.</summary>
    CleaningGivenUp,

    /// <summary>A large value goes for its array, out of turn.</summary>
    DroppedOutOfTurn,

    /// <summary>Writer: the open segment is full, the next one is opened.</summary>
    SealBeforeOpen,

    /// <summary>Writer: header and key of a new record are written, the value is not.</summary>
    WriteHalfWay,

    /// <summary>Writer: the new record is written but for its version.</summary>
    WriteBeforeVersion,

    /// <summary>Writer: the new record is written, its slot is published next.</summary>
    WriteBeforePublish,

    /// <summary>Writer: the slot of the new record is published.</summary>
    WriteAfterPublish,

    /// <summary>Writer: a table is about to grow.</summary>
    IndexBeforeGrow,

    /// <summary>Writer: the new table is filled, not yet published.</summary>
    IndexBeforePublish,

    /// <summary>Writer: the new table is published, the old slots are not yet empty.</summary>
    IndexAfterPublish,

    /// <summary>Writer: a table has grown and is published.</summary>
    IndexAfterGrow,

    /// <summary>Clear or close: the index is empty, the segments are given up next.</summary>
    ClearAfterIndex,

    /// <summary>Writer: the lock of the shard is taken, and it has said that it waits.</summary>
    WriterWaits,

    /// <summary>Background work between two steps: a writer waits, it is given a moment to come in next.</summary>
    WriterLetIn,

    /// <summary>Before eviction is queued to the thread pool; a test may throw <see cref="OutOfMemoryException"/>.</summary>
    QueueEviction,

    /// <summary>Close: calls that begin from here on throw, nothing is given up yet.</summary>
    CloseBegun,
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
    public static volatile bool SkipBusyMark;
    public static volatile bool SkipClosedCheck;
    public static volatile bool SkipPlaceCheck;
    public static volatile bool EmptyBeforePublishing;
    public static volatile bool SkipDrainEnd;
    public static volatile bool IgnoreWanted;
    public static volatile bool IgnoreSurvivors;
    private static volatile Action<TestPoint>? s_callback;
    private static volatile Action<Lock>? s_beforeLock;
    private static volatile int s_maxBuckets = Index.HashIndex.MaxBuckets;

    /// <summary>Smaller tables split with few entries.</summary>
    public static int MaxBuckets
    {
        get => s_maxBuckets;
        set => s_maxBuckets = value;
    }

    /// <summary>Called before a lock is taken under which other points lie: a scheduler must not let a thread go into a lock that another holds.</summary>
    public static Action<Lock>? BeforeLockCallback
    {
        get => s_beforeLock;
        set => s_beforeLock = value;
    }

    public static Action<TestPoint>? Callback
    {
        get => s_callback;
        set => s_callback = value;
    }

    public static void At(TestPoint point) => s_callback?.Invoke(point);

    public static void BeforeLock(Lock @lock) => s_beforeLock?.Invoke(@lock);
#else
    public const bool SkipGenerationCheck = false;
    public const bool SkipGenerationBump = false;
    public const bool SkipSlotRecheck = false;
    public const bool SkipVersionCheck = false;
    public const bool IgnoreShared = false;
    public const bool SkipDirectoryCheck = false;
    public const bool SkipBusyMark = false;
    public const bool SkipClosedCheck = false;
    public const bool SkipPlaceCheck = false;
    public const bool SkipDrainEnd = false;
    public const bool IgnoreWanted = false;
    public const bool IgnoreSurvivors = false;
    public const int MaxBuckets = Index.HashIndex.MaxBuckets;

    /// <summary>Not a constant: what it guards would be reported as unreachable. The just-in-time compiler removes it all the same.</summary>
    public static bool EmptyBeforePublishing => false;

    [System.Diagnostics.Conditional("MEMSTORAGE_TESTHOOKS")]
    public static void At(TestPoint point) => _ = point;

    [System.Diagnostics.Conditional("MEMSTORAGE_TESTHOOKS")]
    public static void BeforeLock(Lock @lock) => _ = @lock;
#endif
}
