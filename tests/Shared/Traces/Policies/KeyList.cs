namespace MemStorage.Traces.Policies;

/// <summary>Which keys are next to which, for several lists over the same keys; a key is in one of them at most.</summary>
internal sealed class KeyLinks(int keys)
{
    public const int None = -1;

    public readonly int[] Older = new int[keys];
    public readonly int[] Newer = new int[keys];
    public readonly KeyList?[] Owner = new KeyList?[keys];
}

/// <summary>A list of keys in the order in which they were added.</summary>
internal sealed class KeyList(KeyLinks links)
{
    public int Count { get; private set; }

    public int Oldest { get; private set; } = KeyLinks.None;

    public int Newest { get; private set; } = KeyLinks.None;

    public bool Contains(int key) => links.Owner[key] == this;

    public void Add(int key)
    {
        links.Owner[key] = this;
        links.Older[key] = Newest;
        links.Newer[key] = KeyLinks.None;
        if (Newest == KeyLinks.None)
            Oldest = key;
        else
            links.Newer[Newest] = key;
        Newest = key;
        Count++;
    }

    public int Remove(int key)
    {
        links.Owner[key] = null;
        if (links.Older[key] == KeyLinks.None)
            Oldest = links.Newer[key];
        else
            links.Newer[links.Older[key]] = links.Newer[key];
        if (links.Newer[key] == KeyLinks.None)
            Newest = links.Older[key];
        else
            links.Older[links.Newer[key]] = links.Older[key];
        Count--;
        return key;
    }

    public void Touch(int key) => Add(Remove(key));
}
