using System.Text;
using QuickStart.Entities;
using QuickStart.Output;

namespace QuickStart.Steps;

/// <summary>Reads by key, in another order than they were written; by an indexed name; and of what is not there.</summary>
internal static class LookUps
{
    public static void Run(Screen screen, Place[] source, PlaceRepository places, List<Rate> rates)
    {
        screen.Title("Look up");
        Place[] shuffled = [.. source];
        new Random(1).Shuffle(shuffled);
        int equal = 0;
        rates.Add(Rate.Of("Get (typed, a fresh object)", shuffled.Length, () =>
        {
            foreach (Place expected in shuffled)
            {
                if (places.TryGet(expected.Country, expected.Number, out Place? found) && Same(expected, found))
                    equal++;
            }
        }));
        screen.Promise(equal == source.Length, $"each of {source.Length:N0} places reads back as it was written, {source.Count(place => !Ascii.IsValid(place.Name)):N0} names beyond ASCII among them");
        screen.Promise(!places.TryGet("XX", 1, out _), $"a key that was never written is not found");

        string name = source.CountBy(place => place.Name).MaxBy(pair => pair.Value).Key;
        int expectedCount = source.Count(place => place.Name == name);
        List<Place> found = [.. places.FindByName(name)];
        screen.Say($"the most frequent name is {name}: {expectedCount} places in {found.Select(place => place.Country).Distinct().Count()} countries");
        screen.Promise(found.Count == expectedCount && found.All(place => place.Name == name), $"FindByName gives exactly the places of that name");
    }

    private static bool Same(Place a, Place b) =>
        a.Country == b.Country && a.Number == b.Number && a.Name == b.Name && a.Region == b.Region &&
        a.Latitude.Equals(b.Latitude) && a.Longitude.Equals(b.Longitude) && a.Version == b.Version;
}
