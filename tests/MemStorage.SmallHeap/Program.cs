using System.Globalization;
using MemStorage;

// MemStorage.SmallHeap MODE BOUND_MIB VALUE_BYTES WRITES: fills a store far beyond the memory of the process, with reads and deletes between, and says in one line what came of it.
// BOUND_MIB 0 is the default of the store. Each write makes short-lived objects as well, as callers do.
EvictionMode mode = Enum.Parse<EvictionMode>(args[0]);
int bound = int.Parse(args[1], CultureInfo.InvariantCulture);
int valueBytes = int.Parse(args[2], CultureInfo.InvariantCulture);
int writes = int.Parse(args[3], CultureInfo.InvariantCulture);

MemStoreOptions options = new() { Name = "small", EvictionMode = mode, CompressionEnabled = false };
if (bound != 0)
    options.MaxMemoryMB = bound;
using MemStore store = new(options);
byte[] payload = new byte[valueBytes * 2];
new Random(1).NextBytes(payload);
byte[] destination = new byte[valueBytes * 2];
int thrown = 0, refused = 0, wrong = 0, found = 0;
string first = "none";
for (int i = 0; i < writes; i++)
{
    // sizes from one to two times as long, so that arrays of large values do not all fit each other
    int length = valueBytes + (int)((uint)i * 2654435761u % (uint)valueBytes);
    string key = string.Create(CultureInfo.InvariantCulture, $"key:{i}");
    try
    {
        SetResult result = store.Set(key, new StoredItem(payload.AsSpan(0, length)));
        if (result == SetResult.MemoryLimit)
            refused++;
        if (i % 3 == 0 && store.TryGet(string.Create(CultureInfo.InvariantCulture, $"key:{i - i % 7}"), destination, out int read, out _))
        {
            found++;
            if (!destination.AsSpan(0, read).SequenceEqual(payload.AsSpan(0, read)))
                wrong++;
        }
        if (i % 50 == 49)
            _ = store.Delete(string.Create(CultureInfo.InvariantCulture, $"key:{i - 10}"));
    }
    catch (OutOfMemoryException e)
    {
        thrown++;
        if (first == "none")
            first = e.StackTrace!.ReplaceLineEndings(" ");
    }
}
MemStoreStats stats = store.Stats();
MemoryReport report = store.GetMemoryReport();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"thrown={thrown} refused={refused} counted={stats.MemoryLimitCount} wrong={wrong} found={found} evicted={stats.EvictCount} entries={stats.KeyCount} limit={report.LimitBytes} ceiling={report.CeilingBytes} used={report.UsedBytes} failed={report.FailedAllocations} available={GC.GetGCMemoryInfo().TotalAvailableMemoryBytes} first={first}"));
