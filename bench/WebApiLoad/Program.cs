using System.Globalization;
using WebApiLoad;

// serve memstorage|memorycache URL PRODUCTS    one of the two services
// run [SECONDS] [PRODUCTS] [CONNECTIONS]       both in turn, each in a process of its own, under the same load
switch (args)
{
    case ["serve", string kind, string url, string products]:
        await Servers.RunAsync(kind, url, int.Parse(products, CultureInfo.InvariantCulture));
        return 0;
    case ["run", ..]:
        int[] numbers = [.. args.Skip(1).Select(a => int.Parse(a, CultureInfo.InvariantCulture))];
        await LoadRun.RunAsync(TimeSpan.FromSeconds(numbers.ElementAtOrDefault(0) is > 0 and var s ? s : 15), numbers.ElementAtOrDefault(1) is > 0 and var n ? n : 200_000,
            numbers.ElementAtOrDefault(2) is > 0 and var c ? c : 8);
        return 0;
    default:
        Console.Error.WriteLine("usage: run [SECONDS] [PRODUCTS] [CONNECTIONS]");
        return 2;
}
