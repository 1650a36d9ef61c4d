using MemStorage;
using QuickStart.Entities;
using QuickStart.Output;

namespace QuickStart.Steps;

/// <summary>The changes of one store, drained into another.</summary>
internal static class Replication
{
    public static void Run(Screen screen, MemStore store, MemStore replica, List<Rate> rates)
    {
        screen.Title("A second store that ends up equal");
        PlaceRepository places = store.Places();
        SyncBuffer buffer = store.GetSyncBuffer();
        int applied = 0;
        rates.Add(Rate.Of("Apply (replicated changes)", buffer.Operations.Count, () => applied = Apply(replica, buffer)));
        screen.Say($"{buffer.Operations.Count:N0} changes, {applied:N0} applied, {buffer.LostOperations} lost");
        screen.Promise(buffer.LostOperations == 0 && applied == buffer.Operations.Count, $"the change log told every change since the beginning, each key once");
        screen.Promise(Equal(store, replica), $"the replica has the same {places.Count:N0} places and {store.Regions().Count:N0} regions, with the same versions");
        screen.Promise(Apply(replica, buffer) == 0 && Equal(store, replica), $"applying everything once more changes nothing");

        Place[] doomed = [.. places.All().Take(100)];
        int deleted = doomed.Count(place => places.Delete(new PlaceKey(place.Country, place.Number), place.Version) is DeleteResult.Deleted);
        buffer = store.GetSyncBuffer();
        applied = Apply(replica, buffer);
        screen.Say($"{deleted} places deleted: {buffer.Operations.Count(operation => operation.OpType is OpType.OpDelete)} changes, {applied} applied");
        screen.Promise(deleted == doomed.Length && applied == deleted && Equal(store, replica), $"deletions travel with their versions");
        screen.Promise(replica.GetSyncBuffer().Operations.Count == 0, $"what was applied is not sent back");
        SetResult late = replica.Places().Set(doomed[0], doomed[0].Version);
        screen.Promise(late is SetResult.Superseded && !replica.Places().TryGet(doomed[0].Country, doomed[0].Number, out _), $"a late, older write does not bring a deleted place back");
    }

    private static int Apply(MemStore replica, SyncBuffer buffer) => buffer.Operations.Count(operation => replica.Apply(operation) is SetResult.Stored);

    private static bool Equal(MemStore left, MemStore right) => Equal(left.Places(), right.Places()) && Equal(left.Regions(), right.Regions());

    private static bool Equal(PlaceRepository left, PlaceRepository right) =>
        left.Count == right.Count && left.All().All(a =>
            right.TryGet(a.Country, a.Number, out Place? b) && a.Version == b.Version && a.Name == b.Name && a.Visits == b.Visits && a.Latitude.Equals(b.Latitude));

    private static bool Equal(RegionRepository left, RegionRepository right) =>
        left.Count == right.Count && left.All().All(a => right.TryGet(a.Country, a.Code, out Region? b) && a.Name == b.Name && a.Places.SequenceEqual(b.Places));
}
