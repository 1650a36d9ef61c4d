using Microsoft.Extensions.Logging;

namespace MemStorage.Extensions.Diagnostics;

/// <summary>
/// Everything that is ever logged. No line stands for a single request: each sums up what happened since the last one of its kind, and is written when a
/// condition begins or ends, or once per window while it lasts.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Store '{Store}' started: bound of {LimitBytes} bytes, {EvictionMode}")]
    public static partial void Started(ILogger logger, string store, long limitBytes, EvictionMode evictionMode);

    [LoggerMessage(2, LogLevel.Information, "The host has stopped; store '{Store}' ({Entries} entries, hit rate {HitRate:P1}) closes with the service provider")]
    public static partial void Stopped(ILogger logger, string store, long entries, double hitRate);

    [LoggerMessage(10, LogLevel.Warning, "Store '{Store}' is under pressure: {Condition}. Raise MaxMemoryMB, shorten the time to live, or store less")]
    public static partial void Pressure(ILogger logger, string store, string condition);

    [LoggerMessage(11, LogLevel.Error, "Store '{Store}' refused writes: {Condition}. Readers see misses where they would have seen these values")]
    public static partial void Refused(ILogger logger, string store, string condition);

    [LoggerMessage(12, LogLevel.Warning, "Store '{Store}' lost changes: {Condition}. Replicas that read the change log need a snapshot; ChangeLogBytes may be too small or the drain too slow")]
    public static partial void Gap(ILogger logger, string store, string condition);

    [LoggerMessage(13, LogLevel.Warning, "Store '{Store}': {Condition}. The wall clock has stepped back, or another node's is ahead. This store goes on from its last version; others may refuse what it tells them")]
    public static partial void ClockDrift(ILogger logger, string store, string condition);

    [LoggerMessage(15, LogLevel.Warning, "Store '{Store}': {Condition}. Lower MaxMemoryMB, or give the process more memory")]
    public static partial void Memory(ILogger logger, string store, string condition);

    [LoggerMessage(16, LogLevel.Warning, "The bounds of {Stores} stores are {LimitBytes} bytes together, above the {AvailableBytes} bytes that the process can have. Lower MaxMemoryMB, or give the process more memory")]
    public static partial void BoundsAboveMemory(ILogger logger, int stores, long limitBytes, long availableBytes);

    [LoggerMessage(17, LogLevel.Warning, "Store '{Store}': MaxMemoryMB = {MaxMemoryMB} is no bound; the default of {DefaultMB} MiB is used")]
    public static partial void NegativeBound(ILogger logger, string store, int maxMemoryMB, int defaultMB);

    [LoggerMessage(14, LogLevel.Information, "Store '{Store}' is well again: {Kind} is over")]
    public static partial void Recovered(ILogger logger, string store, Health.ConditionKind kind);

    [LoggerMessage(20, LogLevel.Warning, "Store '{Store}': {Count} typed reads met a record of another shape of the entity and were misses; after a deployment this fades as entries are written anew")]
    public static partial void ShapeMismatches(ILogger logger, string store, long count);

    [LoggerMessage(21, LogLevel.Warning, "Store '{Store}': {Count} entries in the key space of the distributed or output cache were not written by it and were misses; something else uses that key space")]
    public static partial void MalformedEntries(ILogger logger, string store, long count);

    [LoggerMessage(30, LogLevel.Error, "Sampling store '{Store}' failed; the next sample is tried after the usual interval")]
    public static partial void SampleFailed(ILogger logger, Exception exception, string store);
}
