using System.Runtime.CompilerServices;

namespace MemStorage.Storage;

/// <summary>A lock that is held for a <c>using</c>.</summary>
internal readonly ref struct HeldLock(Lock held)
{
    public void Dispose() => held.Exit();
}

/// <summary>
/// Locks that are taken in the middle of a change. Waiting for a lock ends with an exception when somebody interrupts the thread, and a change that is half done, or stands already, cannot
/// be left then. Such locks are held for moments only, so the wait goes on; the interruption is kept for the next wait of the thread, which is not the store's.
/// </summary>
internal static class UninterruptedLock
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static HeldLock EnterUninterrupted(this Lock held)
    {
        if (FaultPoint.IsWatched || !held.TryEnter())
            Wait(held);
        return new HeldLock(held);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Wait(Lock held)
    {
        bool interrupted = false;
        while (true)
        {
            try
            {
                FaultPoint.Lock();
                held.Enter();
                break;
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        }
        if (interrupted)
            Thread.CurrentThread.Interrupt();
    }
}
