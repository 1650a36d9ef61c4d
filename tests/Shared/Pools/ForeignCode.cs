using System.Buffers;

namespace MemStorage.Tests.Pools;

/// <summary>What foreign code throws here.</summary>
internal sealed class ForeignException() : Exception("thrown by foreign code");

/// <summary>
/// Foreign code that the library calls (clocks, writers, callbacks, serializers, factories) and that throws at one of its calls: each calls <see cref="Run"/>, and the one whose turn it is
/// throws. Not for tests that run beside each other.
/// </summary>
internal static class ForeignCode
{
    private static int s_left;
    private static bool s_reached;

    /// <summary>
    /// Runs a call with foreign code that does not throw, then with one that throws at its first call, at its second and so on, until a run has not come so far (or <paramref name="most"/> is reached).
    /// The call says with <see cref="Throwing"/> where foreign code may throw.
    /// </summary>
    public static void ThrowAtEach(int most, Action<int> call)
    {
        s_reached = true;
        for (int at = 0; at <= most && s_reached; at++)
        {
            s_reached = at == 0;
            call(at);
        }
    }

    /// <summary>Runs a call in which the foreign call of this number throws; 0: none.</summary>
    public static void Throwing(int at, Action call)
    {
        Volatile.Write(ref s_left, at);
        try
        {
            call();
        }
        finally
        {
            if (Interlocked.Exchange(ref s_left, 0) == 0 && at > 0)
                s_reached = true;
        }
    }

    public static void Run()
    {
        if (Volatile.Read(ref s_left) > 0 && Interlocked.Decrement(ref s_left) == 0)
            throw new ForeignException();
    }
}

/// <summary>A clock that throws when it is its turn.</summary>
internal sealed class ForeignClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow()
    {
        ForeignCode.Run();
        return now;
    }
}

/// <summary>A writer that throws when it is its turn, and gives as little room as it may.</summary>
internal sealed class ForeignWriter(int first = 1) : IBufferWriter<byte>
{
    private byte[] _room = new byte[first];

    public List<byte> Written { get; } = [];

    public void Advance(int count)
    {
        ForeignCode.Run();
        Written.AddRange(_room.AsSpan(0, count));
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        ForeignCode.Run();
        return _room = new byte[Math.Max(first, sizeHint)];
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}

/// <summary>Keys and lengths that a stranger may send.</summary>
internal static class Strange
{
    public static IEnumerable<string> Keys()
    {
        yield return "";
        yield return "a";
        yield return "key";
        yield return "|\\";
        yield return "\u0001abc";
        yield return new string('k', 90);
        yield return new string('k', 257);
        yield return new string('|', 3_000);
        yield return new string('中', 100);
        yield return new string('中', 3_000);
        yield return new string('中', 21_840);
        yield return new string('中', 30_000);
        yield return new string('k', 65_535);
        yield return new string('k', 65_536);
        yield return new string('k', 300_000);
        yield return "\uD800";
        yield return "a\uDC00b";
        yield return new string('\uD800', 300);
        yield return new string('a', 300) + '\uDFFF';
        yield return new string('\uDC00', 30_000);
        yield return string.Concat(Enumerable.Repeat("🦊", 200));
    }

    public static IEnumerable<int> Lengths() => [1, 511, 513, 4_095, 4_097, 70_000, 600_000, 9_000_000];
}
