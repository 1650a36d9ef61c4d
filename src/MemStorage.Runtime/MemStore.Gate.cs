using System.Runtime.CompilerServices;
using MemStorage.Storage;

namespace MemStorage;

/// <summary>What a test can make fail.</summary>
internal enum StoreOperation
{
    Read = 1,
    Write = 2,
    Delete = 4,
    Touch = 8,
}

/// <summary>Decides about each operation of one store while it is attached; implemented by the package MemStorage.Testing.</summary>
internal interface IStoreFaults
{
    /// <summary>Throws what the operation is to fail with, before it has done anything.</summary>
    /// <returns>True: a write is to be refused for want of room. For writes only.</returns>
    bool OnOperation(StoreOperation operation);
}

// The one check at the door of every operation. Closing and faults made by a test share one field, so that failing on demand costs a store
// nothing that it did not cost before: one read, one comparison with 0, everything else behind a call that is never made.
public sealed partial class MemStore
{
    private const int GateClosed = 1;
    private const int GateFaults = 2;

    private IStoreFaults? _faults; // written before the gate is set, read after it was seen set

    /// <summary>Whether somebody may make operations fail.</summary>
    internal bool HasFaults => (Volatile.Read(ref _gate) & GateFaults) != 0;

    /// <summary>Attaches who makes operations fail.</summary>
    /// <exception cref="InvalidOperationException">Somebody else is attached.</exception>
    internal void Attach(IStoreFaults faults)
    {
        if (Interlocked.CompareExchange(ref _faults, faults, null) is not null)
            throw new InvalidOperationException($"Faults are injected into the store '{Name}' already.");
        Interlocked.Or(ref _gate, GateFaults);
    }

    internal void Detach(IStoreFaults faults)
    {
        if (Volatile.Read(ref _faults) != faults)
            return;
        Interlocked.And(ref _gate, ~GateFaults);
        Volatile.Write(ref _faults, null);
    }

    /// <summary>Whether an operation has to ask at the gate (<see cref="IsRefused"/>): one that finds it open may go straight on.</summary>
    private bool IsGated => Volatile.Read(ref _gate) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void ThrowIfClosed()
    {
        if (Volatile.Read(ref _gate) != 0)
            ThrowIfReallyClosed();
    }

    /// <summary>Whether the operation, a write, is to be refused.</summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsRefused(StoreOperation operation) => Volatile.Read(ref _gate) != 0 && IsRefusedByTest(operation);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowIfReallyClosed()
    {
        if (IsClosed)
            ThrowClosed();
    }

    private void ThrowClosed() => throw new ObjectDisposedException($"{nameof(MemStore)} '{Name}'");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsRefusedByTest(StoreOperation operation)
    {
        ThrowIfReallyClosed();
        return Volatile.Read(ref _faults)?.OnOperation(operation) ?? false;
    }

    private WriteOutcome Refuse(ReadOnlySpan<byte> key, KeySpace space, in WriteRequest request, out long version)
    {
        version = request.Version;
        _engine.CountMemoryLimit(key, space);
        return WriteOutcome.MemoryLimit;
    }
}
