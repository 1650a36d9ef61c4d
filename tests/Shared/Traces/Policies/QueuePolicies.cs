namespace MemStorage.Traces.Policies;

/// <summary>Least recently used goes.</summary>
internal sealed class LruPolicy : ReferencePolicy
{
    private readonly KeyList _list;

    public LruPolicy(int capacity, int keys)
        : base(capacity) => _list = new KeyList(new KeyLinks(keys));

    public override bool Access(int key)
    {
        if (_list.Contains(key))
        {
            _list.Touch(key);
            return true;
        }
        if (_list.Count >= Capacity)
            _list.Remove(_list.Oldest);
        _list.Add(key);
        return false;
    }
}

/// <summary>First in, first out; with a counter of more than 0, CLOCK: who was asked for goes round again.</summary>
internal sealed class FifoPolicy : ReferencePolicy
{
    private readonly KeyList _list;
    private readonly int[] _hits;
    private readonly int _mostHits;

    public FifoPolicy(int capacity, int keys, int mostHits)
        : base(capacity)
    {
        _list = new KeyList(new KeyLinks(keys));
        _hits = new int[keys];
        _mostHits = mostHits;
    }

    public override bool Access(int key)
    {
        if (_list.Contains(key))
        {
            _hits[key] = Math.Min(_mostHits, _hits[key] + 1);
            return true;
        }
        while (_list.Count >= Capacity)
        {
            int oldest = _list.Oldest;
            if (_hits[oldest] > 0)
            {
                _hits[oldest]--;
                _list.Touch(oldest);
            }
            else
                _list.Remove(oldest);
        }
        _hits[key] = 0;
        _list.Add(key);
        return false;
    }
}

/// <summary>SIEVE (Zhang et al., NSDI 2024): as CLOCK, but who was asked for stays where it is.</summary>
internal sealed class SievePolicy : ReferencePolicy
{
    private readonly KeyLinks _links;
    private readonly KeyList _list;
    private readonly bool[] _visited;
    private int _hand = KeyLinks.None;

    public SievePolicy(int capacity, int keys)
        : base(capacity)
    {
        _links = new KeyLinks(keys);
        _list = new KeyList(_links);
        _visited = new bool[keys];
    }

    public override bool Access(int key)
    {
        if (_list.Contains(key))
        {
            _visited[key] = true;
            return true;
        }
        if (_list.Count >= Capacity)
        {
            int victim = _hand == KeyLinks.None ? _list.Oldest : _hand;
            while (_visited[victim])
            {
                _visited[victim] = false;
                victim = _links.Newer[victim] == KeyLinks.None ? _list.Oldest : _links.Newer[victim];
            }
            _hand = _links.Newer[victim];
            _list.Remove(victim);
        }
        _visited[key] = false;
        _list.Add(key);
        return false;
    }
}

/// <summary>S3-FIFO (Yang et al., SOSP 2023) with a small queue of a tenth and a ghost of nine tenths of the capacity.</summary>
internal sealed class S3FifoPolicy : ReferencePolicy
{
    private const int MostHits = 3;
    private readonly KeyList _small;
    private readonly KeyList _main;
    private readonly KeyList _ghost;
    private readonly int[] _hits;
    private readonly int _promoteAt;
    private readonly int _mainCapacity;

    public S3FifoPolicy(int capacity, int keys, int promoteAt)
        : base(capacity)
    {
        KeyLinks links = new(keys);
        _small = new KeyList(links);
        _main = new KeyList(links);
        _ghost = new KeyList(links);
        _hits = new int[keys];
        _promoteAt = promoteAt;
        _mainCapacity = capacity - Math.Max(1, capacity / 10);
    }

    public override bool Access(int key)
    {
        if (_small.Contains(key) || _main.Contains(key))
        {
            _hits[key] = Math.Min(MostHits, _hits[key] + 1);
            return true;
        }
        bool known = _ghost.Contains(key);
        if (known)
            _ghost.Remove(key);
        while (_small.Count + _main.Count >= Capacity)
            Evict();
        _hits[key] = 0;
        (known ? _main : _small).Add(key);
        return false;
    }

    private void Evict()
    {
        if (_main.Count > _mainCapacity || _small.Count == 0)
        {
            while (true)
            {
                int oldest = _main.Remove(_main.Oldest);
                if (_hits[oldest] == 0)
                    return;
                _hits[oldest]--;
                _main.Add(oldest);
            }
        }
        while (_small.Count > 0)
        {
            int oldest = _small.Remove(_small.Oldest);
            if (_hits[oldest] >= _promoteAt)
            {
                _hits[oldest] = 0;
                _main.Add(oldest);
                continue;
            }
            _ghost.Add(oldest);
            if (_ghost.Count > _mainCapacity)
                _ghost.Remove(_ghost.Oldest);
            return;
        }
    }
}
