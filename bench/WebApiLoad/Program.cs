using System.Globalization;
using WebApiLoad;

// serve KIND URL PRODUCTS: one of the services, for the processes that "run" starts
switch (args)
{
    case ["serve", string kind, string url, string products]:
        await Servers.RunAsync(kind, url, int.Parse(products, CultureInfo.InvariantCulture));
        return 0;
    case ["run", ..] when Arguments.TryParse(args.AsSpan(1), out Arguments? arguments):
        Report report = new(arguments, await new LoadRun(arguments).RunAsync());
        Console.WriteLine(report.Markdown());
        if (arguments.Out is { } folder)
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, "webapi.json"), report.Json());
            await File.WriteAllTextAsync(Path.Combine(folder, "webapi.md"), report.Markdown());
        }
        return 0;
    default:
        Console.Error.WriteLine(Arguments.Usage);
        return 2;
}
