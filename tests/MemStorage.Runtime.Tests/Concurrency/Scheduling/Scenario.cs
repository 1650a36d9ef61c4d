namespace MemStorage.Tests.Concurrency.Scheduling;

/// <summary>What the threads of a schedule do, and on which store.</summary>
/// <param name="Open">Opens and fills the store, without a scheduler.</param>
/// <param name="Threads">The calls of each thread, drawn from the store's own random numbers.</param>
/// <param name="MaxBuckets">The size at which tables of the index split; 0: that of the product.</param>
internal sealed record Scenario(Func<int, ScheduledStore> Open, Func<ScheduledStore, IReadOnlyList<Action>> Threads, int MaxBuckets = 0);

/// <summary>Runs a scenario under many schedules.</summary>
internal static class Exploration
{
    private const int MostThreads = 6;

    /// <summary>The first seed that fails, or null. With a guard taken out that is the proof that it is needed.</summary>
    public static ScheduleResult? FindFailure(Scenario scenario, int firstSeed, int schedules, out long steps)
    {
        steps = 0;
        using SeededScheduler scheduler = new(MostThreads);
        for (int seed = firstSeed; seed < firstSeed + schedules; seed++)
        {
            ScheduleResult result = RunOne(scheduler, scenario, seed);
            steps += result.Steps;
            if (result.Failure is not null)
                return result;
        }
        return null;
    }

    /// <summary>One schedule.</summary>
    public static ScheduleResult Run(Scenario scenario, int seed)
    {
        using SeededScheduler scheduler = new(MostThreads);
        return RunOne(scheduler, scenario, seed);
    }

    private static ScheduleResult RunOne(SeededScheduler scheduler, Scenario scenario, int seed)
    {
        Storage.TestHooks.MaxBuckets = scenario.MaxBuckets == 0 ? Storage.Index.HashIndex.MaxBuckets : scenario.MaxBuckets;
        try
        {
            using ScheduledStore store = scenario.Open(seed);
            ScheduleResult result = scheduler.Run(seed, scenario.Threads(store), store.IsOverTheBound);
            if (result.Failure is not null)
                return result;
            try
            {
                store.Conclude();
                return result;
            }
            catch (Exception e)
            {
                return result with { Failure = "at the end: " + (e is ScheduleFailure or InvalidOperationException or Xunit.Sdk.XunitException ? e.Message : e.ToString()) };
            }
        }
        finally
        {
            Storage.TestHooks.MaxBuckets = Storage.Index.HashIndex.MaxBuckets;
        }
    }
}
