namespace MemStorage.Storage.Eviction;

/// <summary>A seeded xorshift generator: the policy's coins, the same for the same seed. Not for anything that must be hard to guess.</summary>
internal struct Coin(ulong seed)
{
    // zero is the one state that xorshift never leaves
    private ulong _state = seed == 0 ? 0x9E3779B97F4A7C15 : seed;

    /// <summary>True with this probability.</summary>
    public bool Flip(double probability)
    {
        ulong x = _state;
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        _state = x;
        return (x * 0x2545F4914F6CDD1D >> 32) < probability * 4294967296.0;
    }
}
