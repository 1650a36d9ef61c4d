using MemStorage;
using QuickStart.Entities;
using QuickStart.Output;

namespace QuickStart.Steps;

/// <summary>
/// A no-copy read shares one decoded instance among all its callers. Changing it would change it for everybody, so the analyzer reports it:
/// write <c>shared.Visits = 1</c> below and the build says MST1001.
/// </summary>
internal static class NoCopy
{
    public static void Run(Screen screen, PlaceRepository places, RegionRepository regions)
    {
        screen.Title("Read without a copy");
        PlaceKey key = places.Keys().First();
        Place shared = places.GetNoCopy(key);
        int visits = shared.Visits;
        screen.Promise(ReferenceEquals(shared, places.GetNoCopy(key)), $"two no-copy reads share one instance");
        screen.Promise(!ReferenceEquals(places.Get(key), places.Get(key)), $"two plain reads give two objects, each its caller's own");

        ReadMany(places, key); // what the runtime allocates once, while it compiles
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        ReadMany(places, key);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        screen.Promise(allocated == 0, $"10,000 no-copy reads of a shared instance allocate {allocated} bytes");

        UpdateResult updated = places.Update(key, static place => place.Visits++);
        screen.Promise(
            updated is UpdateResult.Updated && shared.Visits == visits && places.GetNoCopy(key).Visits == visits + 1,
            $"a write gives the next readers a new instance; the one that is held stays as it was");

        RegionKey largest = regions.All().MaxBy(region => region.Places.Count) is { } region ? new RegionKey(region.Country, region.Code) : default;
        Region mine = regions.Get(largest);
        Region held = regions.GetNoCopy(largest);
        screen.Say($"the region with the most places is {held.Name} ({held.Country}) with {held.Places.Count:N0}");
        screen.Promise(regions.Delete(largest) is DeleteResult.Deleted && held.Places.Count > 0 && !regions.TryGet(largest, out _), $"a deleted entity is gone for new readers, and whole for who holds it");
        screen.Promise(regions.Set(mine) is SetResult.Stored, $"and it can be stored again, with a newer version than its deletion");
    }

    private static int ReadMany(PlaceRepository places, PlaceKey key)
    {
        int sum = 0;
        for (int i = 0; i < 10_000; i++)
            sum += places.GetNoCopy(key).Visits;
        return sum;
    }
}
