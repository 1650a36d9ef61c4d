namespace MemStorage.Testing;

/// <summary>Something that must always hold of a store does not.</summary>
public sealed class MemStorageInvariantException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="violations">What does not hold, one sentence each.</param>
    public MemStorageInvariantException(IReadOnlyList<string> violations)
        : base(string.Join(Environment.NewLine, violations)) => Violations = violations;

    /// <summary>What does not hold, one sentence each.</summary>
    public IReadOnlyList<string> Violations { get; }
}
