using MemStorage;
using QuickStart.Data;
using QuickStart.Entities;
using QuickStart.Output;

namespace QuickStart.Steps;

/// <summary>Every place and every region into the store.</summary>
internal static class Loading
{
    public static void Run(Screen screen, Place[] source, PlaceRepository places, RegionRepository regions, List<Rate> rates)
    {
        screen.Title("Load");
        int refused = 0;
        Rate rate = Rate.Of("Set (typed, from one thread)", source.Length, () =>
            screen.WithProgress("places", source, source.Length, place =>
            {
                if (places.Set(place) is not SetResult.Stored)
                    refused++;
            }));
        rates.Add(rate);
        IReadOnlyList<SetResult> results = regions.SetMany(PlaceData.ReadRegions(source));
        screen.Say($"{places.Count:N0} places and {regions.Count:N0} regions in {rate.Time.TotalSeconds:N2} s");
        screen.Promise(refused == 0 && places.Count == source.Length, $"every one of {source.Length:N0} places is stored under its own key");
        screen.Promise(results.All(result => result is SetResult.Stored) && regions.Count == results.Count, $"SetMany gives one result for each of {results.Count:N0} regions");
        screen.Promise(source.All(place => place.Version > 0), $"a successful write tells the entity its version");
    }
}
