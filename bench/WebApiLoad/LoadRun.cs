using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using WebApi.Catalog;

namespace WebApiLoad;

/// <summary>
/// A closed load: each connection sends its next request when the last is answered. 90 % reads of a product, 8 % offers (of 500 products, so nearly all are cached), 2 % writes; products
/// are chosen with a square-law skew. Latency is as the client sees it.
/// </summary>
internal static class LoadRun
{
    public static async Task RunAsync(TimeSpan duration, int products, int connections)
    {
        Console.WriteLine($"{products:N0} products, {connections} connections, {duration.TotalSeconds:F0} s each, {Environment.ProcessorCount} processors");
        Console.WriteLine("| service | requests/s | p50 ms | p99 ms | p99.9 ms | GC pause ms | gen0 / gen1 / gen2 | heap MiB | working set MiB |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (string kind in new[] { "memstorage", "memorycache", "memstorage", "memorycache" })
            await MeasureAsync(kind, duration, products, connections);
    }

    private static async Task MeasureAsync(string kind, TimeSpan duration, int products, int connections)
    {
        string url = $"http://127.0.0.1:{FreePort()}";
        using Process server = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. Self(), "serve", kind, url, products.ToString(CultureInfo.InvariantCulture)]))!;
        using HttpClient client = new(new SocketsHttpHandler { MaxConnectionsPerServer = connections + 1 }) { BaseAddress = new Uri(url) };
        await UntilItAnswers(client, server);
        await LoadAsync(client, TimeSpan.FromSeconds(4), products, connections, seed: 1); // warm-up
        GcFigures before = (await client.GetFromJsonAsync<GcFigures>("/gc"))!;
        (List<double> latencies, double seconds) = await LoadAsync(client, duration, products, connections, seed: 2);
        GcFigures after = (await client.GetFromJsonAsync<GcFigures>("/gc"))!;
        await client.PostAsync("/stop", null);
        await server.WaitForExitAsync();
        latencies.Sort();
        double At(double share) => latencies[(int)Math.Min(latencies.Count - 1, latencies.Count * share)];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {kind} | {latencies.Count / seconds:N0} | {At(0.5):F2} | {At(0.99):F2} | {At(0.999):F2} | {after.PauseMilliseconds - before.PauseMilliseconds:F0} | {after.Gen0 - before.Gen0} / {after.Gen1 - before.Gen1} / {after.Gen2 - before.Gen2} | {after.HeapBytes >> 20} | {after.WorkingSetBytes >> 20} |"));
    }

    private static async Task<(List<double> Latencies, double Seconds)> LoadAsync(HttpClient client, TimeSpan duration, int products, int connections, int seed)
    {
        long start = Stopwatch.GetTimestamp();
        List<double>[] all = await Task.WhenAll(Enumerable.Range(0, connections).Select(n => Task.Run(async () =>
        {
            Random random = new(seed * 1000 + n);
            List<double> latencies = [];
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                int id = 1 + (int)(Math.Pow(random.NextDouble(), 2) * products);
                int dice = random.Next(100);
                long sent = Stopwatch.GetTimestamp();
                using HttpResponseMessage response = dice switch
                {
                    < 90 => await client.GetAsync($"/products/{id}"),
                    < 98 => await client.GetAsync($"/offers/{1 + id % 500}/{10 + id % 3}"),
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
                (await client.GetAsync("/gc")).EnsureSuccessStatusCode();
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
