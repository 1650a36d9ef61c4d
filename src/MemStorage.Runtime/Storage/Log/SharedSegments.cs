namespace MemStorage.Storage.Log;

/// <summary>The segments that are out of the store but held alive by outstanding no-copy results: outside the bound, reported. Thread-safe.</summary>
internal sealed class SharedSegments
{
    private readonly Lock _lock = new();
    private readonly List<WeakReference<byte[]>> _held = [];

    public void Add(byte[] data)
    {
        lock (_lock)
        {
            if (_held.Count >= 64 && (_held.Count & 63) == 0)
                _held.RemoveAll(static w => !w.TryGetTarget(out _));
            _held.Add(new WeakReference<byte[]>(data));
        }
    }

    public (int Segments, long Bytes) Measure()
    {
        lock (_lock)
        {
            _held.RemoveAll(static w => !w.TryGetTarget(out _));
            long bytes = 0;
            foreach (WeakReference<byte[]> w in _held)
                if (w.TryGetTarget(out byte[]? data))
                    bytes += data.Length;
            return (_held.Count, bytes);
        }
    }
}
