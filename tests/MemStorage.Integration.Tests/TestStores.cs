using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Integration.Tests;

/// <summary>Stores under a clock that the test moves.</summary>
internal static class TestStores
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static MemStore Create(out FakeTimeProvider clock, Action<MemStoreOptions>? configure = null)
    {
        clock = new FakeTimeProvider(Start);
        MemStoreOptions options = new() { TimeProvider = clock, MaxMemoryMB = 16, ExpirySweepInterval = TimeSpan.Zero };
        configure?.Invoke(options);
        return new MemStore(options);
    }

    public static MemStore Create(Action<MemStoreOptions>? configure = null) => Create(out _, configure);
}
