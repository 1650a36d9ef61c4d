using MemStorage;
using QuickStart.Entities;
using QuickStart.Output;

namespace QuickStart.Steps;

/// <summary>Several threads count up one member of one place.</summary>
internal static class Contention
{
    private const int UpdatesPerThread = 5_000;

    public static void Run(Screen screen, PlaceRepository places, int threadCount, List<Rate> rates)
    {
        screen.Title("Update one place from several threads");
        PlaceKey key = places.Keys().First();
        int before = places.Get(key).Visits, failures = 0;
        Rate rate = Rate.Of($"Update (typed, {threadCount} threads on one key)", threadCount * UpdatesPerThread, () =>
        {
            Thread[] threads = [.. Enumerable.Range(0, threadCount).Select(_ => new Thread(() =>
            {
                for (int i = 0; i < UpdatesPerThread; i++)
                {
                    if (places.Update(key, static place => place.Visits++) is not UpdateResult.Updated)
                        Interlocked.Increment(ref failures);
                }
            }))];
            foreach (Thread thread in threads)
                thread.Start();
            foreach (Thread thread in threads)
                thread.Join();
        });
        rates.Add(rate);
        int counted = places.Get(key).Visits - before;
        screen.Promise(failures == 0 && counted == threadCount * UpdatesPerThread, $"{threadCount} threads with {UpdatesPerThread:N0} updates each: the total is {counted:N0}, none was lost");
    }
}
