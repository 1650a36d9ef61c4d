using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MemStorage.Storage;

/// <summary>What may fail at a <see cref="FaultPoint"/>.</summary>
internal enum FaultKind
{
    /// <summary>Memory is about to be allocated: <see cref="OutOfMemoryException"/>.</summary>
    Allocation,

    /// <summary>A lock is about to be waited for: <see cref="ThreadInterruptedException"/>.</summary>
    Lock,
}

/// <summary>
/// Stands before each allocation and each lock of the ways that change a store, so that the tests can make every one of them fail, one by one. The product has none: the compiler leaves
/// the calls out. A test over the compiled code finds an allocation or a lock without one.
/// </summary>
internal static class FaultPoint
{
#if MEMSTORAGE_TESTHOOKS
    private static volatile Action<FaultKind, string, int>? s_callback;

    /// <summary>Called at each point with its kind, source file and line; may throw what the point can throw.</summary>
    public static Action<FaultKind, string, int>? Callback
    {
        get => s_callback;
        set => s_callback = value;
    }

    public static bool IsWatched => s_callback is not null;
#else
    /// <summary>Not a constant: what it guards would be reported as unreachable. The just-in-time compiler removes it all the same.</summary>
    public static bool IsWatched => false;
#endif

    [Conditional("MEMSTORAGE_TESTHOOKS")]
    public static void Allocation([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
#if MEMSTORAGE_TESTHOOKS
        s_callback?.Invoke(FaultKind.Allocation, file, line);
#endif
    }

    [Conditional("MEMSTORAGE_TESTHOOKS")]
    public static void Lock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
#if MEMSTORAGE_TESTHOOKS
        s_callback?.Invoke(FaultKind.Lock, file, line);
#endif
    }
}
