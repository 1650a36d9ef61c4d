using System.Diagnostics.Tracing;

namespace MemStorage.Bench.Measuring;

/// <summary>The pauses of the garbage collector, as its events tell them.</summary>
internal sealed class PauseRecorder : EventListener
{
    private const EventKeywords GarbageCollector = (EventKeywords)1;
    private const int SuspendBegin = 9;
    private const int RestartEnd = 3;

    private readonly Lock _lock = new();
    private readonly List<double> _milliseconds = [];
    private DateTime? _began;

    /// <summary>The pauses since the last call.</summary>
    public IReadOnlyList<double> Take()
    {
        lock (_lock)
        {
            double[] result = [.. _milliseconds];
            _milliseconds.Clear();
            return result;
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
            EnableEvents(eventSource, EventLevel.Informational, GarbageCollector);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        // the base constructor may deliver events before the fields are there
        if (_lock is null)
            return;
        lock (_lock)
        {
            if (eventData.EventId == SuspendBegin)
                _began ??= eventData.TimeStamp;
            else if (eventData.EventId == RestartEnd && _began is { } began)
            {
                _milliseconds.Add((eventData.TimeStamp - began).TotalMilliseconds);
                _began = null;
            }
        }
    }
}
