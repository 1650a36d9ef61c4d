using System.Globalization;
using System.IO.Compression;
using System.Text;
using QuickStart.Entities;

namespace QuickStart.Data;

/// <summary>Reads the places and regions of <c>samples/data</c>.</summary>
internal static class PlaceData
{
    /// <summary>How many places the file has.</summary>
    public const int PlaceCount = 171_075;

    /// <summary>The first <paramref name="limit"/> places, numbered within their countries, read while they are enumerated.</summary>
    public static IEnumerable<Place> ReadPlaces(int limit = PlaceCount)
    {
        string country = "";
        int number = 0;
        foreach (string[] row in Rows("places.tsv.br").Take(limit))
        {
            number = row[0] == country ? number + 1 : 1;
            country = row[0];
            yield return new Place
            {
                Country = country,
                Number = number,
                Region = row[1],
                Name = row[2],
                Latitude = double.Parse(row[3], CultureInfo.InvariantCulture),
                Longitude = double.Parse(row[4], CultureInfo.InvariantCulture),
            };
        }
    }

    /// <summary>The regions of the given places.</summary>
    public static IEnumerable<Region> ReadRegions(IEnumerable<Place> places)
    {
        Dictionary<(string Country, string Code), string> names = Rows("regions.tsv.br").ToDictionary(row => (row[0], row[1]), row => row[2]);
        return places.Where(place => place.Region.Length > 0).GroupBy(place => (place.Country, place.Region)).Select(group => new Region
        {
            Country = group.Key.Country,
            Code = group.Key.Region,
            Name = names.GetValueOrDefault(group.Key, ""),
            Places = [.. group.Select(place => place.Name)],
        });
    }

    private static IEnumerable<string[]> Rows(string file)
    {
        using FileStream packed = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "data", file));
        using BrotliStream plain = new(packed, CompressionMode.Decompress);
        using StreamReader reader = new(plain, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
            yield return line.Split('\t');
    }
}
