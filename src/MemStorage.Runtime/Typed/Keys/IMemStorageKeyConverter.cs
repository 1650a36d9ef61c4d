namespace MemStorage;

/// <summary>
/// Turns a key type that the generator cannot take apart into one that can be stored, and back. Named once, on the type or on the assembly, with
/// <see cref="MemStorageKeyConverterAttribute"/>.
/// </summary>
/// <remarks>
/// Both directions are pure and thread-safe. Equal keys are stored as equal values and different ones as different values; what <see cref="ToStored"/> returns,
/// <see cref="FromStored"/> takes and turns into an equal key.
/// </remarks>
/// <typeparam name="TKey">The key's type.</typeparam>
/// <typeparam name="TStored">What is stored: a number, a text, a <see cref="Guid"/>, or another type that can be a key.</typeparam>
public interface IMemStorageKeyConverter<TKey, TStored>
    where TKey : notnull
    where TStored : notnull
{
    /// <summary>What is stored of a key.</summary>
    static abstract TStored ToStored(TKey key);

    /// <summary>The key that was stored.</summary>
    static abstract TKey FromStored(TStored stored);
}
