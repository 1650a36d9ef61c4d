namespace MemStorage.Traces.Policies;

/// <summary>W-TinyLFU (Einziger et al., ToS 2017) with a window of fixed size: what leaves it competes with main's oldest by estimated frequency.</summary>
internal sealed class WindowTinyLfuPolicy : ReferencePolicy
{
    private const double ProtectedShare = 0.8;
    private const int MostCount = 15;
    private readonly KeyList _window;
    private readonly KeyList _probation;
    private readonly KeyList _protected;
    private readonly int _windowCapacity;
    private readonly int _protectedCapacity;
    private readonly byte[] _counts;
    private int _counted;

    public WindowTinyLfuPolicy(int capacity, int keys, double window)
        : base(capacity)
    {
        KeyLinks links = new(keys);
        _window = new KeyList(links);
        _probation = new KeyList(links);
        _protected = new KeyList(links);
        _windowCapacity = Math.Max(1, (int)(capacity * window));
        _protectedCapacity = (int)((capacity - _windowCapacity) * ProtectedShare);
        _counts = new byte[keys]; // exact counts instead of a sketch: no collisions
    }

    public override bool Access(int key)
    {
        Count(key);
        if (_window.Contains(key))
        {
            _window.Touch(key);
            return true;
        }
        if (_protected.Contains(key))
        {
            _protected.Touch(key);
            return true;
        }
        if (_probation.Contains(key))
        {
            _probation.Remove(key);
            _protected.Add(key);
            if (_protected.Count > _protectedCapacity)
                _probation.Add(_protected.Remove(_protected.Oldest));
            return true;
        }
        _window.Add(key);
        if (_window.Count <= _windowCapacity)
            return false;
        int candidate = _window.Remove(_window.Oldest);
        if (_probation.Count + _protected.Count < Capacity - _windowCapacity)
            _probation.Add(candidate);
        else if ((_probation.Count > 0 ? _probation : _protected) is { Count: > 0 } victims && _counts[candidate] > _counts[victims.Oldest])
        {
            victims.Remove(victims.Oldest);
            _probation.Add(candidate);
        }
        return false;
    }

    private void Count(int key)
    {
        if (_counts[key] < MostCount)
            _counts[key]++;
        if (++_counted < 10 * Capacity)
            return;
        _counted /= 2;
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] /= 2;
    }
}
