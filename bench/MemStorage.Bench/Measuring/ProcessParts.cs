using System.Globalization;

namespace MemStorage.Bench.Measuring;

/// <summary>
/// Where the memory of a process with one store is, in bytes beyond what the process had before the store was made. The parts sum to <see cref="Resident"/>, so what is left over by one that is
/// wrong is in another: what the store counts and has not touched yet makes <see cref="Other"/> negative.
/// </summary>
/// <param name="Resident">The growth of the resident set.</param>
/// <param name="Counted">What the store counts: never more than its bound.</param>
/// <param name="Shared">Arrays that the store has let go of, kept by no-copy results, or waiting for a collection after the last of these.</param>
/// <param name="Garbage">Everything else that is neither free nor the store's: arrays that wait for a collection, and what the script itself allocates.</param>
/// <param name="LargeHoles">Free room between objects of the large object heap.</param>
/// <param name="PinnedHoles">The same of the pinned object heap.</param>
/// <param name="SmallHoles">The same of generations 0 to 2.</param>
/// <param name="Unused">What the collector has committed beyond its objects and their holes: room for new objects, regions not given back yet, its tables.</param>
/// <param name="Other">The rest: code, stacks, native memory; less what is committed or counted but was never touched.</param>
internal readonly record struct ProcessParts(
    long Resident, long Counted, long Shared, long Garbage, long LargeHoles, long PinnedHoles, long SmallHoles, long Unused, long Other)
{
    private const int LargeObjects = 3;
    private const int PinnedObjects = 4;

    /// <summary>All holes.</summary>
    public long Holes => LargeHoles + PinnedHoles + SmallHoles;

    /// <summary>What the process has now; <paramref name="resident"/> was measured just before.</summary>
    /// <remarks>Collects generation 0: what the collector says of its heaps is of the last collection. Generation 0 leaves the large and the pinned heap as they are.</remarks>
    public static ProcessParts Measure(long resident, MemStore? store)
    {
        long shared = store?.GetMemoryReport().SharedBytes ?? 0;
        long counted = store?.UsedBytes ?? 0;
        GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        GCMemoryInfo memory = GC.GetGCMemoryInfo(GCKind.Any);
        ReadOnlySpan<GCGenerationInfo> generations = memory.GenerationInfo;
        long objects = 0;
        long smallHoles = 0;
        for (int i = 0; i < generations.Length; i++)
        {
            objects += generations[i].SizeAfterBytes - generations[i].FragmentationAfterBytes;
            if (i < LargeObjects)
                smallHoles += generations[i].FragmentationAfterBytes;
        }
        long largeHoles = generations[LargeObjects].FragmentationAfterBytes;
        long pinnedHoles = generations[PinnedObjects].FragmentationAfterBytes;
        return new ProcessParts(
            resident, counted, shared, objects - counted - shared, largeHoles, pinnedHoles, smallHoles,
            memory.TotalCommittedBytes - objects - largeHoles - pinnedHoles - smallHoles, resident - memory.TotalCommittedBytes);
    }

    public static ProcessParts operator -(ProcessParts a, ProcessParts b) => new(
        a.Resident - b.Resident, a.Counted - b.Counted, a.Shared - b.Shared, a.Garbage - b.Garbage, a.LargeHoles - b.LargeHoles, a.PinnedHoles - b.PinnedHoles,
        a.SmallHoles - b.SmallHoles, a.Unused - b.Unused, a.Other - b.Other);

    /// <summary>The parts by name, for rows and for people.</summary>
    public IEnumerable<(string Name, long Bytes)> Named()
    {
        yield return ("counted", Counted);
        yield return ("let go of and held or not collected yet", Shared);
        yield return ("other garbage", Garbage);
        yield return ("holes in the large object heap", LargeHoles);
        yield return ("holes in the pinned heap", PinnedHoles);
        yield return ("holes in generations 0 to 2", SmallHoles);
        yield return ("committed and unused", Unused);
        yield return ("outside the collector's heap", Other);
    }

    /// <summary>Each part in % of <paramref name="limit"/>.</summary>
    public string InPercentOf(long limit) =>
        string.Join(", ", Named().Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Name} {p.Bytes * 100.0 / limit:F1} %")));
}
