using System.Globalization;
using MemStorage.Storage;

namespace MemStorage.Tests.Faults;

/// <summary>
/// Makes one point of the thread fail: an allocation, a lock, or foreign code that the store calls. Points are numbered in the order in which the thread meets them, so a call
/// that is made again on an equal store fails where it is told to.
/// </summary>
internal sealed class FaultInjector : IDisposable
{
    private readonly Dictionary<string, int> _places = [];
    private int _thread;
    private int _failAt;
    private bool _memoryIsGone;

    public FaultInjector() => FaultPoint.Callback = (kind, file, line) =>
        Meet(kind.ToString(), string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)}:{line}"), kind == FaultKind.Lock ? Kind.Lock : Kind.Allocation);

    private enum Kind
    {
        Allocation,
        Lock,
        Foreign,
    }

    /// <summary>The points met since <see cref="Arm"/>.</summary>
    public int Met { get; private set; }

    /// <summary>Where it failed; null: nowhere yet.</summary>
    public string? Failed { get; private set; }

    /// <summary>For each place that was met since <see cref="Arm"/> the number of its first point.</summary>
    public IReadOnlyCollection<int> Numbers => [.. _places.Values];

    /// <param name="failAt">The number of the point, from 1 on; 0: none, only count.</param>
    /// <param name="memoryIsGone">Whether every allocation after it fails too.</param>
    public void Arm(int failAt, bool memoryIsGone = false)
    {
        (Met, Failed, _failAt, _memoryIsGone) = (0, null, failAt, memoryIsGone);
        _places.Clear();
        _thread = Environment.CurrentManagedThreadId;
    }

    public void Disarm() => _thread = 0;

    /// <summary>For what a test does in the middle of a call: until it is disposed nothing is met.</summary>
    public IDisposable Pause()
    {
        int thread = _thread;
        _thread = 0;
        return new Pausing(this, thread);
    }

    private sealed class Pausing(FaultInjector faults, int thread) : IDisposable
    {
        public void Dispose() => faults._thread = thread;
    }

    /// <summary>To be called by clocks, observers, factories and serializers of a test.</summary>
    public void Foreign(string what) => Meet("Foreign", what, Kind.Foreign);

    public static bool IsInjected(Exception e) => e is InsufficientMemoryException or ThreadInterruptedException or InvalidTimeZoneException
        || (e is MemoryPack.MemoryPackSerializationException && e.InnerException is { } inner && IsInjected(inner));

    public void Dispose() => FaultPoint.Callback = null;

    private void Meet(string kind, string place, Kind what)
    {
        if (_thread != Environment.CurrentManagedThreadId)
            return;
        Met++;
        _places.TryAdd(kind + " " + place, Met);
        bool fails = Met == _failAt || (_memoryIsGone && what == Kind.Allocation && _failAt > 0 && Met > _failAt);
        if (!fails)
            return;
        Failed ??= kind + " " + place;
        throw what switch
        {
            Kind.Allocation => new InsufficientMemoryException(place),
            Kind.Lock => new ThreadInterruptedException(place),
            _ => new InvalidTimeZoneException(place),
        };
    }
}
