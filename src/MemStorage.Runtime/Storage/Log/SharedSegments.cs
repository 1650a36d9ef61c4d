namespace MemStorage.Storage.Log;

/// <summary>The segments that are out of the store but held alive by outstanding no-copy results: outside the bound, reported. Thread-safe.</summary>
internal sealed class SharedSegments
{
    private readonly Lock _lock = new();
    private readonly List<WeakReference<byte[]>> _held = [];

    /// <summary>Never throws: the segment is out of the store already. What there is no memory to note is missing in the report, and nowhere else.</summary>
    public void Add(byte[] data)
    {
        using (_lock.EnterUninterrupted())
        {
            try
            {
                FaultPoint.Allocation();
                if (_held.Count >= 64 && (_held.Count & 63) == 0)
                    _held.RemoveAll(static w => !w.TryGetTarget(out _));
                _held.Add(new WeakReference<byte[]>(data));
            }
            catch (OutOfMemoryException)
            {
            }
        }
    }

    public (int Segments, long Bytes) Measure()
    {
        using (_lock.EnterUninterrupted())
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
