using System.Net;
using System.Net.Sockets;
using Garnet;
using MemStorage.Bench.CommandLine;
using MemoryPack;
using StackExchange.Redis;
using Order = MemStorage.Bench.Load.Order;

namespace MemStorage.Bench.Subjects;

/// <summary>
/// A server over loopback: Redis where one is given, else Garnet inside this process (the same protocol; its threads run beside the client's).
/// </summary>
internal sealed class RedisSubject : Subject
{
    private const int PipelineLength = 1000;

    private readonly GarnetServer? _server;
    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _database;

    /// <param name="address">host:port, or empty for an embedded Garnet.</param>
    /// <param name="entries">How many entries will come.</param>
    public RedisSubject(string address, int entries)
    {
        if (address.Length == 0)
        {
            int port = FreePort();
            long memory = Math.Max(256L << 20, entries * 512L);
            _server = new GarnetServer(["--port", $"{port}", "--bind", "127.0.0.1", "--memory", $"{memory >> 20}m", "--index", "64m", "--logger-level", "Critical", "-q", "true"]);
            _server.Start();
            address = $"127.0.0.1:{port}";
        }
        try
        {
            _connection = ConnectionMultiplexer.Connect(address);
        }
        catch (Exception e) when (e is RedisConnectionException or ArgumentException)
        {
            throw new UsageException($"--redis: no Redis server answers at '{address}': {e.Message}");
        }
        _database = _connection.GetDatabase();
    }

    public override string Name => _server is null ? "Redis (loopback)" : "Garnet (loopback)";

    public override Abilities Abilities => Abilities.Copy | Abilities.Typed;

    public override string Remark => "processor time is the client's alone; look at wall time";

    public override int Copy(int id, string key, Span<byte> destination)
    {
        byte[]? bytes = _database.StringGet(key);
        if (bytes is null)
            return -1;
        bytes.CopyTo(destination);
        return bytes.Length;
    }

    public override Order? Typed(int id, string key) => (byte[]?)_database.StringGet(key) is { } bytes ? MemoryPackSerializer.Deserialize<Order>(bytes) : null;

    public override void Set(int id, string key, Order order) => _database.StringSet(key, MemoryPackSerializer.Serialize(order));

    public override void Load(int entries)
    {
        List<Task> pending = new(PipelineLength);
        for (int id = 0; id < entries; id++)
        {
            pending.Add(_database.StringSetAsync(Order.KeyOf(id), MemoryPackSerializer.Serialize(Order.Create(id))));
            if (pending.Count < PipelineLength && id < entries - 1)
                continue;
            Task.WaitAll([.. pending]);
            pending.Clear();
        }
    }

    public override void Dispose()
    {
        _connection.Dispose();
        _server?.Dispose();
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
