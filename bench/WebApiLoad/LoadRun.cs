using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using WebApi.Catalog;

namespace WebApiLoad;

/// <summary>What one round against one service gave.</summary>
internal sealed record Round(double RequestsPerSecond, double ProcessorMicroseconds, double AllocatedBytes, double P50, double P99, double P999, double PauseMillisecondsPerSecond, double LongestPause, int Gen0, int Gen1, int Gen2, double HeapMiB, double WorkingSetMiB);

/// <summary>
/// A closed load: each connection sends its next request when the last is answered. 90 % reads of a product, 8 % offers (1,500 of them, made before; a write to one of their products makes them anew), 2 % writes; products
/// are chosen with a square-law skew. Latency is as the client sees it.
/// </summary>
internal sealed class LoadRun(Arguments arguments)
{
    private const int OfferProducts = 500;
    private const int OfferQuantities = 3;

    /// <summary>The services in turn, each in a process of its own that lives for one round; so a slow moment of the machine meets all of them.</summary>
    public async Task<Dictionary<string, List<Round>>> RunAsync()
    {
        Dictionary<string, List<Round>> all = [];
        for (int round = 1; round <= arguments.Rounds; round++)
        {
            // the other way round in every second round: whoever is first has no advantage
            foreach (string kind in round % 2 == 1 ? Servers.Kinds : Servers.Kinds.Reverse())
            {
                Console.Error.WriteLine($"round {round} of {arguments.Rounds}: {kind}");
                (all.TryGetValue(kind, out List<Round>? rounds) ? rounds : all[kind] = []).Add(await MeasureAsync(kind));
            }
        }
        return all;
    }

    private async Task<Round> MeasureAsync(string kind)
    {
        string url = $"http://127.0.0.1:{FreePort()}";
        using Process server = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. Self(), "serve", kind, url, arguments.Products.ToString(CultureInfo.InvariantCulture)]))!;
        try
        {
            using HttpClient client = new(new SocketsHttpHandler { MaxConnectionsPerServer = arguments.Connections + 1 }) { BaseAddress = new Uri(url) };
            await UntilItAnswers(client, server);
            await FillOffersAsync(client);
            await LoadAsync(client, TimeSpan.FromSeconds(arguments.WarmUpSeconds), seed: 1);
            Usage before = (await client.GetFromJsonAsync<Usage>("/usage"))!;
            (List<double> latencies, double seconds) = await LoadAsync(client, TimeSpan.FromSeconds(arguments.Seconds), seed: 2);
            Usage after = (await client.GetFromJsonAsync<Usage>("/usage"))!;
            await client.PostAsync("/stop", null);
            await server.WaitForExitAsync();
            latencies.Sort();
            double At(double share) => latencies[(int)Math.Min(latencies.Count - 1, latencies.Count * share)];
            return new Round(
                latencies.Count / seconds, (after.ProcessorMilliseconds - before.ProcessorMilliseconds) * 1000 / latencies.Count, (after.AllocatedBytes - before.AllocatedBytes) / (double)latencies.Count, At(0.5), At(0.99), At(0.999), (after.PauseMilliseconds - before.PauseMilliseconds) / seconds, after.LongestPauseMilliseconds,
                after.Gen0 - before.Gen0, after.Gen1 - before.Gen1, after.Gen2 - before.Gen2, after.HeapBytes / 1048576.0, after.WorkingSetBytes / 1048576.0);
        }
        finally
        {
            if (!server.HasExited)
                server.Kill();
        }
    }

    /// <summary>Each offer once: calculating one takes 20 ms, which would be all that the high percentiles show.</summary>
    private async Task FillOffersAsync(HttpClient client) =>
        await Parallel.ForAsync(0, OfferProducts * OfferQuantities, new ParallelOptions { MaxDegreeOfParallelism = arguments.Connections }, async (i, token) =>
        {
            using HttpResponseMessage response = await client.GetAsync($"/offers/{1 + i % OfferProducts}/{10 + i / OfferProducts}", token);
            response.EnsureSuccessStatusCode();
        });

    private async Task<(List<double> Latencies, double Seconds)> LoadAsync(HttpClient client, TimeSpan duration, int seed)
    {
        long start = Stopwatch.GetTimestamp();
        List<double>[] all = await Task.WhenAll(Enumerable.Range(0, arguments.Connections).Select(n => Task.Run(async () =>
        {
            Random random = new(seed * 1000 + n);
            List<double> latencies = [];
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                int id = 1 + (int)(Math.Pow(random.NextDouble(), 2) * arguments.Products);
                int dice = random.Next(100);
                long sent = Stopwatch.GetTimestamp();
                using HttpResponseMessage response = dice switch
                {
                    < 90 => await client.GetAsync($"/products/{id}"),
                    < 98 => await client.GetAsync($"/offers/{1 + id % OfferProducts}/{10 + id % OfferQuantities}"),
                    _ => await client.PutAsJsonAsync($"/products/{id}", new ProductBody("another name of about the usual length", "category 1", id)),
                };
                response.EnsureSuccessStatusCode();
                await response.Content.ReadAsByteArrayAsync();
                latencies.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }
            return latencies;
        })));
        return ([.. all.SelectMany(l => l)], Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static async Task UntilItAnswers(HttpClient client, Process server)
    {
        for (int i = 0; i < 600 && !server.HasExited; i++)
        {
            try
            {
                (await client.GetAsync("/usage")).EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(100);
            }
        }
        throw new InvalidOperationException("The server does not answer.");
    }

    // "dotnet WebApiLoad.dll" or the program itself
    private static string[] Self() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(LoadRun).Assembly.Location] : [];

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
