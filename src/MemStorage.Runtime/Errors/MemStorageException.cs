namespace MemStorage;

/// <summary>The typed error of the store's throwing calls. Misuse (bad arguments) is an <see cref="ArgumentException"/>, a closed store an <see cref="ObjectDisposedException"/>.</summary>
public sealed class MemStorageException : Exception
{
    /// <summary>Creates the exception.</summary>
    public MemStorageException(MemStorageError error, string message, string? key = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Error = error;
        Key = key;
    }

    /// <summary>What went wrong.</summary>
    public MemStorageError Error { get; }

    /// <summary>The key concerned, where there is one.</summary>
    public string? Key { get; }
}
