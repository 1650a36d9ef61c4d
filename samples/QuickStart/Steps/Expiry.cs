using MemStorage;
using QuickStart.Data;
using QuickStart.Entities;
using QuickStart.Output;

namespace QuickStart.Steps;

/// <summary>Entries that end, on a clock that the sample moves itself.</summary>
internal static class Expiry
{
    public static void Run(Screen screen)
    {
        screen.Title("Expire");
        ManualClock clock = new();
        using MemStore store = new(new MemStoreOptions { Name = "expiry", MaxMemoryMB = 64, TimeProvider = clock });
        PlaceRepository places = store.Places();
        int refused = PlaceData.ReadPlaces(1000).Count(place => places.Set(place, TimeSpan.FromMinutes(10)) is not SetResult.Stored);
        PlaceKey key = places.Keys().First();

        clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        bool before = places.TryGet(key, out _);
        clock.Advance(TimeSpan.FromSeconds(1));
        bool after = places.TryGet(key, out _);
        screen.Promise(refused == 0 && before && !after, $"with a life of 10 minutes a place is there after 9:59, and not after 10:00");
        screen.Promise(!places.Keys().Any(), $"none of 1,000 expired places is listed");
    }
}
