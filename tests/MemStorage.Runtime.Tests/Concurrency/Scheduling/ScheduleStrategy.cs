namespace MemStorage.Tests.Concurrency.Scheduling;

/// <summary>
/// Decides at every point which thread goes on. All decisions follow from the seed:
/// <list type="bullet">
/// <item>even seeds: priorities, after PCT (Burckhardt et al., ASPLOS 2010): the thread with the highest one runs; at random points the running thread falls below all others. Few
/// changes and long runs between them, as in "a reader stands while everything under it is recycled";</item>
/// <item>odd seeds: bursts: at each point another thread, drawn at random, takes over. Many changes, as in "a half of this, a half of that".</item>
/// </list>
/// How often a thread has to give way is drawn for each thread of each schedule: one that stops at every step meets one that runs through.
/// </summary>
internal sealed class ScheduleStrategy
{
    private static readonly int[] PriorityRates = [3, 6, 20, 60, 200, 1000];
    private static readonly int[] BurstRates = [1, 2, 5, 15, 50, 200];

    private readonly bool _usesPriorities;
    private readonly int[] _rates;
    private readonly int[] _priorities;
    private int _lowest;
    private ulong _state;

    public ScheduleStrategy(int seed, int threads)
    {
        _state = ((ulong)(uint)seed * 0x9E3779B97F4A7C15) + 0x2545F4914F6CDD1D;
        _usesPriorities = (seed & 1) == 0;
        _rates = new int[threads];
        for (int i = 0; i < threads; i++)
            _rates[i] = _usesPriorities ? PriorityRates[Next(PriorityRates.Length)] : BurstRates[Next(BurstRates.Length)];
        _priorities = new int[threads];
        for (int i = 0; i < threads; i++)
            _priorities[i] = i;
        for (int i = threads - 1; i > 0; i--)
        {
            int j = Next(i + 1);
            (_priorities[i], _priorities[j]) = (_priorities[j], _priorities[i]);
        }
    }

    /// <summary>The thread that goes on.</summary>
    /// <param name="current">Who stands at a point; -1: nobody yet.</param>
    /// <param name="enabled">Who can go on; at least one can.</param>
    /// <param name="waits">Whether the current thread tries again what another has to finish first, so that others have to go on.</param>
    public int Choose(int current, ReadOnlySpan<bool> enabled, bool waits)
    {
        if (current >= 0 && _usesPriorities && (waits || Next(_rates[current]) == 0))
            _priorities[current] = --_lowest;
        bool mayStay = current >= 0 && enabled[current];
        if (_usesPriorities)
        {
            int best = -1;
            for (int i = 0; i < enabled.Length; i++)
            {
                if (enabled[i] && (best < 0 || _priorities[i] > _priorities[best]))
                    best = i;
            }
            return best;
        }
        if (mayStay && !waits && Next(_rates[current]) != 0)
            return current;
        int others = 0;
        for (int i = 0; i < enabled.Length; i++)
        {
            if (enabled[i] && i != current)
                others++;
        }
        if (others == 0)
            return current;
        int chosen = Next(others);
        for (int i = 0; ; i++)
        {
            if (enabled[i] && i != current && chosen-- == 0)
                return i;
        }
    }

    /// <summary>0 to below <paramref name="below"/>.</summary>
    private int Next(int below)
    {
        // SplitMix64 (Steele et al., 2014)
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        return (int)((uint)z % (uint)below);
    }
}
