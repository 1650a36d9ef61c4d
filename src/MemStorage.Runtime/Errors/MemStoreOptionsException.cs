namespace MemStorage;

/// <summary>Options out of range: all of them at once, each with its name, its value and what is allowed.</summary>
public sealed class MemStoreOptionsException : ArgumentException
{
    internal MemStoreOptionsException(IReadOnlyList<string> faults, string firstOption)
        : base(string.Join(' ', faults), firstOption) =>
        Faults = faults;

    /// <summary>A sentence for each option that is out of range.</summary>
    public IReadOnlyList<string> Faults { get; }
}
