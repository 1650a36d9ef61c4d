using QuickStart.Entities;
using QuickStart.Output;

namespace QuickStart.Steps;

/// <summary>Many callers ask for a place that must be loaded first.</summary>
internal static class SingleFlight
{
    private const int Callers = 1_000;

    public static async Task RunAsync(Screen screen, PlaceRepository places)
    {
        screen.Title("Load once, however many ask");
        PlaceKey key = new("ZZ", 1);
        int loads = 0;
        TaskCompletionSource source = new(TaskCreationOptions.RunContinuationsAsynchronously);

        async ValueTask<Place> Load(PlaceKey wanted, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref loads);
            await source.Task.WaitAsync(cancellationToken); // the slow database
            return new Place { Country = wanted.Country, Number = wanted.Number, Name = "Atlantis", Region = "", Latitude = 0, Longitude = 0 };
        }

        Task<Place>[] callers = [.. Enumerable.Range(0, Callers).Select(_ => places.GetOrCreateAsync(key, Load).AsTask())];
        source.SetResult();
        Place[] results = await Task.WhenAll(callers);
        screen.Promise(loads == 1 && results.All(place => place.Name == "Atlantis"), $"{Callers:N0} callers of GetOrCreateAsync: the load ran {loads} time");
        screen.Promise(places.Delete(key) is MemStorage.DeleteResult.Deleted, $"and it was stored, until this delete");
    }
}
