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
        Place[] doomed = [.. places.All().Take(100)];
        int deleted = doomed.Count(place => places.Delete(new PlaceKey(place.Country, place.Number), place.Version) is DeleteResult.Deleted);

        SyncBuffer buffer = store.GetSyncBuffer();
        int applied = 0;
        rates.Add(Rate.Of("Apply (replicated changes)", buffer.Operations.Count, () =>
        {
            foreach (SyncOperation operation in buffer.Operations)
            {
                if (replica.Apply(operation) is SetResult.Stored)
                    applied++;
            }
        }));
        int deletions = buffer.Operations.Count(operation => operation.OpType is OpType.OpDelete);
        screen.Say($"{buffer.Operations.Count:N0} changes, {deletions:N0} of them deletions; {applied:N0} applied, {buffer.LostOperations} lost");
        screen.Promise(buffer.LostOperations == 0 && deleted == doomed.Length && deletions >= deleted, $"the change log told every change, deletions with their versions included");
        screen.Promise(Equal(places, replica.Places()) && Equal(store.Regions(), replica.Regions()), $"the replica has the same {places.Count:N0} places and {store.Regions().Count:N0} regions, with the same versions");

        int again = buffer.Operations.Count(operation => replica.Apply(operation) is SetResult.Stored);
        screen.Promise(again == 0 && Equal(places, replica.Places()), $"applying everything once more changes nothing");
        screen.Promise(replica.GetSyncBuffer().Operations.Count == 0, $"what was applied is not sent back");
        SetResult late = replica.Places().Set(doomed[0], doomed[0].Version);
        screen.Promise(late is SetResult.Superseded && !replica.Places().TryGet(doomed[0].Country, doomed[0].Number, out _), $"a late, older write does not bring a deleted place back");
    }

    private static bool Equal(PlaceRepository left, PlaceRepository right) =>
        left.Count == right.Count && left.All().All(a =>
            right.TryGet(a.Country, a.Number, out Place? b) && a.Version == b.Version && a.Name == b.Name && a.Visits == b.Visits && a.Latitude.Equals(b.Latitude));

    private static bool Equal(RegionRepository left, RegionRepository right) =>
        left.Count == right.Count && left.All().All(a => right.TryGet(a.Country, a.Code, out Region? b) && a.Name == b.Name && a.Places.SequenceEqual(b.Places));
}
