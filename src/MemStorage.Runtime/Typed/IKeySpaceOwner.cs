namespace MemStorage.Typed;

/// <summary>Whoever keeps structures of its own beside the records of a key space.</summary>
internal interface IKeySpaceOwner
{
    /// <summary>Checks all its invariants; when nobody writes.</summary>
    /// <exception cref="InvalidOperationException">One does not hold.</exception>
    void Validate();

    /// <summary>How many searches had to look at every entity.</summary>
    long IndexScans { get; }

    /// <summary>The store is closed: whoever waits here is told, at once.</summary>
    void Close();
}
