using MemStorage.Extensions.Health;
using Microsoft.Extensions.Logging;

namespace MemStorage.Extensions.Diagnostics;

/// <summary>Decides which readings are worth a line in the log: the beginning and the end of a condition, and a reminder per window while it lasts.</summary>
internal sealed class MemStoreReporter(MemStoreObserver observer, TimeProvider time, ILogger logger)
{
    private readonly Dictionary<ConditionKind, long> _last = [];
    private long _lastShape = long.MinValue;
    private long _lastMalformed = long.MinValue;

    /// <summary>Takes a reading and logs what is new about it. Called by one timer; not thread-safe.</summary>
    public void Report()
    {
        MemStoreReading reading;
        try
        {
            reading = observer.Read();
        }
        catch (ObjectDisposedException)
        {
            return; // closed between two samples: nothing to tell
        }
        catch (Exception e)
        {
            Log.SampleFailed(logger, e, observer.Store.Name);
            return;
        }
        List<Condition> conditions = MemStoreCondition.Judge(reading, observer.Health, observer.Refuses);
        foreach (Condition condition in conditions)
            if (IsDue(_last.GetValueOrDefault(condition.Kind, long.MinValue)))
            {
                _last[condition.Kind] = time.GetTimestamp();
                Write(condition);
            }
        foreach (ConditionKind kind in _last.Keys.Except(conditions.Select(c => c.Kind)).ToArray())
        {
            _last.Remove(kind);
            Log.Recovered(logger, observer.Store.Name, kind);
        }
        if (reading.ShapeMismatches > 0 && IsDue(_lastShape))
        {
            _lastShape = time.GetTimestamp();
            Log.ShapeMismatches(logger, observer.Store.Name, reading.ShapeMismatches);
        }
        if (reading.MalformedCacheEntries > 0 && IsDue(_lastMalformed))
        {
            _lastMalformed = time.GetTimestamp();
            Log.MalformedEntries(logger, observer.Store.Name, reading.MalformedCacheEntries);
        }
    }

    private bool IsDue(long last) => last == long.MinValue || time.GetElapsedTime(last) >= observer.Health.Window;

    private void Write(Condition condition)
    {
        switch (condition.Kind)
        {
            case ConditionKind.Refused:
                Log.Refused(logger, observer.Store.Name, condition.Text);
                break;
            case ConditionKind.Memory:
                Log.Memory(logger, observer.Store.Name, condition.Text);
                break;
            case ConditionKind.Gap:
                Log.Gap(logger, observer.Store.Name, condition.Text);
                break;
            case ConditionKind.ClockDrift:
                Log.ClockDrift(logger, observer.Store.Name, condition.Text);
                break;
            default:
                Log.Pressure(logger, observer.Store.Name, condition.Text);
                break;
        }
    }
}
