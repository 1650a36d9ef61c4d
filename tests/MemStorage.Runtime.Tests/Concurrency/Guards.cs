using MemStorage.Storage;
using Xunit;

namespace MemStorage.Tests.Concurrency;

/// <summary>The guards of the reader protocol that a test can take out.</summary>
public enum Guard
{
    None,

    /// <summary>The reader's second look at the segment's generation.</summary>
    GenerationCheck,

    /// <summary>The reclaimer's raise of the generation before a segment is used again.</summary>
    GenerationBump,

    /// <summary>The reader's second look at the slot, after it has the segment's generation.</summary>
    SlotRecheck,

    /// <summary>The reader's second look at the record's version, its sequence lock against overwrites in place.</summary>
    VersionCheck,

    /// <summary>The reclaimer's and the writer's respect for the mark that a no-copy reader set.</summary>
    SharedMark,

    /// <summary>The reader's second look at the directory before it believes a miss.</summary>
    DirectoryCheck,

    /// <summary>The writer's busy mark on a record that it overwrites in place.</summary>
    BusyMark,

    /// <summary>The order of index growth: the new table is published before the old one is emptied.</summary>
    PublishBeforeEmptying,

    /// <summary>The reader's second look at whether the store is closed, before it believes a miss.</summary>
    ClosedCheck,

    /// <summary>The second look at the generation of a place that was kept, after its version.</summary>
    PlaceCheck,

    /// <summary>The end of background eviction after a round that gave nothing.</summary>
    DrainEnd,

    /// <summary>That shards take no more segments while somebody waits for room.</summary>
    Wanted,

    /// <summary>That writers leave the survivors of a segment that is reclaimed the room that they need.</summary>
    Survivors,
}

/// <summary>
/// Hooks and switches are static: whoever uses them runs alone. The tests of this collection run after all others, one by one.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TestHooksUsers
{
    public const string Name = "Uses the test hooks of the runtime";
}

/// <summary>Takes a guard out for as long as it is not disposed, and sets the callback of the named points.</summary>
internal sealed class GuardTakenOut : IDisposable
{
    public GuardTakenOut(Guard guard, Action<TestPoint>? callback = null)
    {
        Set(guard, true);
        TestHooks.Callback = callback;
    }

    public void Dispose()
    {
        foreach (Guard guard in Enum.GetValues<Guard>())
            Set(guard, false);
        TestHooks.Callback = null;
        TestHooks.BeforeLockCallback = null; // also where the test fails: what writes before each lock would write between two reports
    }

    private static void Set(Guard guard, bool skip)
    {
        switch (guard)
        {
            case Guard.GenerationCheck:
                TestHooks.SkipGenerationCheck = skip;
                break;
            case Guard.GenerationBump:
                TestHooks.SkipGenerationBump = skip;
                break;
            case Guard.SlotRecheck:
                TestHooks.SkipSlotRecheck = skip;
                break;
            case Guard.VersionCheck:
                TestHooks.SkipVersionCheck = skip;
                break;
            case Guard.SharedMark:
                TestHooks.IgnoreShared = skip;
                break;
            case Guard.DirectoryCheck:
                TestHooks.SkipDirectoryCheck = skip;
                break;
            case Guard.BusyMark:
                TestHooks.SkipBusyMark = skip;
                break;
            case Guard.PublishBeforeEmptying:
                TestHooks.EmptyBeforePublishing = skip;
                break;
            case Guard.ClosedCheck:
                TestHooks.SkipClosedCheck = skip;
                break;
            case Guard.PlaceCheck:
                TestHooks.SkipPlaceCheck = skip;
                break;
            case Guard.DrainEnd:
                TestHooks.SkipDrainEnd = skip;
                break;
            case Guard.Survivors:
                TestHooks.IgnoreSurvivors = skip;
                break;
            case Guard.Wanted:
                TestHooks.IgnoreWanted = skip;
                break;
        }
    }
}
