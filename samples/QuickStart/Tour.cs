using MemStorage;
using QuickStart.Data;
using QuickStart.Entities;
using QuickStart.Output;
using QuickStart.Steps;

namespace QuickStart;

/// <summary>The steps in their order, over one store and its replica.</summary>
internal sealed class Tour(Arguments arguments, Screen screen)
{
    public async Task RunAsync()
    {
        GarbageCollections before = GarbageCollections.Now();
        Place[] source = [.. PlaceData.ReadPlaces(arguments.Places)];

        await using MemStore store = new(new MemStoreOptions { Name = "places", MaxMemoryMB = arguments.MemoryMB, ChangeLogBytes = 16 << 20, NodeId = 1 });
        await using MemStore replica = new(new MemStoreOptions { Name = "replica", MaxMemoryMB = arguments.MemoryMB, NodeId = 2 });
        PlaceRepository places = store.Places();
        RegionRepository regions = store.Regions();
        List<Rate> rates = [];

        Loading.Run(screen, source, places, regions, rates);
        LookUps.Run(screen, source, places, rates);
        Versions.Run(screen, places);
        Contention.Run(screen, places, arguments.Threads, rates);
        NoCopy.Run(screen, places, regions);
        await SingleFlight.RunAsync(screen, places);
        Expiry.Run(screen);
        Bound.Run(screen, source);
        Replication.Run(screen, store, replica, rates);
        Closing.Run(screen, store, rates, before);
    }
}
