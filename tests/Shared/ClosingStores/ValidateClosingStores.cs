using System.Runtime.CompilerServices;

namespace MemStorage.Tests;

/// <summary>
/// Every store that a test of this assembly closes, itself or through a host, is validated before: a test fails that leaves a store broken, whatever it was
/// about. A test closes its stores when no call is running.
/// </summary>
internal static class ValidateClosingStores
{
    [ModuleInitializer]
    internal static void Install() => MemStore.Closing = static store =>
    {
        // a store that is told to fail cannot be read through its front door
        if (store.HasFaults)
            store.ValidateInvariants();
        else
            StoreInvariants.Assert(store);
    };
}
