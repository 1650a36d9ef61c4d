using MemStorage.Extensions.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MemStorage.Extensions.Health;

/// <summary>The health check of one store. Degraded and unhealthy follow <see cref="MemStoreHealthOptions"/>; a closed store is unhealthy. Costs a walk over the shards.</summary>
internal sealed class MemStoreHealthCheck(MemStoreObserver observer) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            MemStoreReading reading = observer.Read();
            List<Condition> conditions = MemStoreCondition.Judge(reading, observer.Health, observer.Refuses);
            Dictionary<string, object> data = Data(reading);
            if (conditions.Count == 0)
                return Task.FromResult(HealthCheckResult.Healthy($"The store '{reading.StoreName}' is well.", data));
            string text = $"The store '{reading.StoreName}': {string.Join("; ", conditions.Select(c => c.Text))}.";
            // "Unhealthy" is what the registration says it is: an operator may want a full cache to be no more than degraded.
            HealthStatus status = conditions.Exists(c => c.Unhealthy) ? context.Registration.FailureStatus : HealthStatus.Degraded;
            return Task.FromResult(new HealthCheckResult(status, text, data: data));
        }
        catch (ObjectDisposedException e)
        {
            return Task.FromResult(new HealthCheckResult(context.Registration.FailureStatus, $"The store '{observer.Store.Name}' is closed.", e));
        }
    }

    private static Dictionary<string, object> Data(MemStoreReading r) => new()
    {
        ["entries"] = r.Entries,
        ["usedBytes"] = r.UsedBytes,
        ["limitBytes"] = r.LimitBytes,
        ["ceilingBytes"] = r.CeilingBytes,
        ["availableBytes"] = r.AvailableBytes,
        ["failedAllocations"] = r.FailedAllocations,
        ["occupiedPercent"] = Math.Round(r.OccupiedPercent, 1),
        ["evictionsPerSecond"] = Math.Round(r.EvictionsPerSecond, 1),
        ["refusedWrites"] = r.RefusedWrites,
        ["shapeMismatches"] = r.ShapeMismatches,
        ["lostChanges"] = r.LostChanges,
        ["clockAheadMilliseconds"] = (long)r.ClockAhead.TotalMilliseconds,
        ["windowSeconds"] = Math.Round(r.Elapsed.TotalSeconds, 1),
    };
}
