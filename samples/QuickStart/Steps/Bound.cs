using MemStorage;
using QuickStart.Entities;
using QuickStart.Output;

namespace QuickStart.Steps;

/// <summary>Far more data than room: evict, or refuse, but never pass the bound.</summary>
internal static class Bound
{
    private const long Bytes = 2 << 20;

    public static void Run(Screen screen, Place[] source)
    {
        screen.Title("A bound that holds");
        (long highest, long kept, long evicted, _) = Fill(source, EvictionMode.Evict);
        screen.Say($"evicting, {Bytes:N0} bytes: {kept:N0} of {source.Length:N0} places kept, {evicted:N0} evicted, never more than {highest:N0} bytes");
        bool tooSmall = source.Length < 20_000;
        screen.Promise(highest <= Bytes && kept > 0 && (tooSmall || evicted > 0), $"whatever is written, the bytes in use stay within the bound");

        (highest, kept, evicted, long refused) = Fill(source, EvictionMode.Refuse);
        screen.Say($"refusing: {kept:N0} kept, {refused:N0} refused, never more than {highest:N0} bytes");
        screen.Promise(highest <= Bytes && evicted == 0 && kept + refused == source.Length, $"without eviction each place is either kept or refused, and the caller is told which");
    }

    private static (long Highest, long Kept, long Evicted, long Refused) Fill(Place[] source, EvictionMode mode)
    {
        using MemStore store = new(new MemStoreOptions { Name = "bound", MaxMemoryBytes = Bytes, EvictionMode = mode });
        PlaceRepository places = store.Places();
        long highest = 0, refused = 0;
        for (int i = 0; i < source.Length; i++)
        {
            Place place = source[i];
            Place copy = new()
            {
                Country = place.Country,
                Number = place.Number,
                Region = place.Region,
                Name = place.Name,
                Latitude = place.Latitude,
                Longitude = place.Longitude,
            };
            if (places.Set(copy) is SetResult.MemoryLimit)
                refused++;
            if (i % 100 == 0)
                highest = Math.Max(highest, store.GetMemoryReport().UsedBytes);
        }
        return (Math.Max(highest, store.GetMemoryReport().UsedBytes), places.Count, store.Stats().EvictCount, refused);
    }
}
