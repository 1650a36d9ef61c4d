using System.Buffers;
using System.Diagnostics.Tracing;

namespace MemStorage.Tests.Pools;

/// <summary>
/// Watches the shared pool of bytes during a call, by the events of the pool itself: what is returned without being rented, or is not returned at all. The events come on the thread that
/// rents and returns, so an array that has just been returned can be rented again at once, overwritten and given back: whoever still uses it finds <see cref="Poison"/>.
/// </summary>
/// <remarks>The events are of the whole process and allocate: whoever watches runs alone, and ends with <see cref="Stop"/>.</remarks>
internal sealed class PoolWatch : IDisposable
{
    public const byte Poison = 0xDB;

    // flows with the call to the threads on which it goes on, and not to other tests that run beside this one
    private static readonly AsyncLocal<PoolWatch?> s_current = new();
    private static readonly Listener s_listener = new();

    [ThreadStatic]
    private static bool t_poisoning;

    private readonly HashSet<int> _rented = [];
    private readonly List<string> _faults = [];

    private PoolWatch()
    {
    }

    /// <summary>How many arrays were rented.</summary>
    public int Rented { get; private set; }

    /// <summary>What was seen that must not be; each line is one.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_rented)
                return _rented.Count == 0 ? [.. _faults] : [.. _faults, $"{_rented.Count} rented arrays were not returned"];
        }
    }

    public static PoolWatch Begin()
    {
        s_listener.Start();
        PoolWatch watch = new();
        s_current.Value = watch;
        return watch;
    }

    public void Dispose() => s_current.Value = null;

    /// <summary>No more events from here on.</summary>
    public static void Stop() => s_listener.Stop();

    private void OnRented(int array)
    {
        lock (_rented)
        {
            Rented++;
            if (!_rented.Add(array))
                _faults.Add("an array was rented that somebody has already: it was in the pool twice");
        }
    }

    private void OnReturned(int array, int length)
    {
        lock (_rented)
        {
            if (!_rented.Remove(array))
                _faults.Add($"an array of {length} bytes was returned that was not rented: a second return");
        }
        t_poisoning = true;
        try
        {
            byte[] again = ArrayPool<byte>.Shared.Rent(length);
            if (again.GetHashCode() == array)
                again.AsSpan().Fill(Poison);
            ArrayPool<byte>.Shared.Return(again);
        }
        finally
        {
            t_poisoning = false;
        }
    }

    private sealed class Listener : EventListener
    {
        private readonly int _pool = ArrayPool<byte>.Shared.GetHashCode();
        private EventSource? _source;
        private bool _started;

        public void Start()
        {
            if (!_started)
            {
                ArrayPool<byte>.Shared.Return(ArrayPool<byte>.Shared.Rent(1)); // makes the source of the events
                EnableEvents(_source!, EventLevel.Verbose);
                Check();
            }
            _started = true;
        }

        public void Stop()
        {
            if (_started)
                DisableEvents(_source!);
            _started = false;
        }

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "System.Buffers.ArrayPoolEventSource")
                _source = eventSource;
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (t_poisoning || eventData.Payload is not { Count: >= 3 } payload || s_current.Value is not { } watch || (int)payload[2]! != _pool)
                return;
            if (eventData.EventName == "BufferRented")
                watch.OnRented((int)payload[0]!);
            else if (eventData.EventName == "BufferReturned")
                watch.OnReturned((int)payload[0]!, (int)payload[1]!);
        }

        /// <summary>A watch that sees nothing would find no fault.</summary>
        private static void Check()
        {
            PoolWatch watch = new();
            s_current.Value = watch;
            byte[] array = ArrayPool<byte>.Shared.Rent(100);
            ArrayPool<byte>.Shared.Return(array);
            s_current.Value = null;
            if (watch.Rented != 1 || watch.Faults.Count != 0 || array[0] != Poison)
                throw new InvalidOperationException("The events of the pool do not arrive as this watch expects them.");
        }
    }
}
