using System.Reflection;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>"A closed store throws <c>ObjectDisposedException</c>": every method, also those added later.</summary>
public sealed class ClosedStoreTests : StoreTest
{
    private static readonly string[] AllowedWhenClosed =
        [nameof(MemStore.CloseAsync), nameof(MemStore.Dispose), nameof(MemStore.DisposeAsync), nameof(GetHashCode), nameof(Equals), nameof(ToString), nameof(GetType)];

    [Fact]
    public void Every_public_method_throws()
    {
        foreach (MethodInfo method in typeof(MemStore).GetMethods(BindingFlags.Instance | BindingFlags.Public))
        {
            // generic ones belong to the typed layer and its tests
            if (method.IsSpecialName || method.IsGenericMethod || AllowedWhenClosed.Contains(method.Name) || method.GetParameters().Any(p => p.ParameterType.IsByRefLike))
                continue;
            MemStore store = Open();
            store.Dispose();
            object?[] arguments = [.. method.GetParameters().Select(p => Argument(p.ParameterType))];
            Assert.Throws<ObjectDisposedException>(() => Consume(method.Invoke(store, BindingFlags.DoNotWrapExceptions, null, arguments, null)));
        }
    }

    [Fact]
    public void Nothing_is_readable_through_an_enumeration_that_began_before_closing()
    {
        MemStore store = Open();
        for (int i = 0; i < 100; i++)
            store.Put($"k{i}", "v");
        using IEnumerator<string> keys = store.Keys().GetEnumerator();
        Assert.True(keys.MoveNext());
        store.Dispose();
        try
        {
            // what was collected already may still come; then the enumeration ends or says why
            while (keys.MoveNext())
                Assert.StartsWith("k", keys.Current, StringComparison.Ordinal);
        }
        catch (ObjectDisposedException)
        {
        }
        Assert.Throws<ObjectDisposedException>(() => store.TryGet("k1", out _));
    }

    private static object? Argument(Type type)
    {
        Type plain = type.IsByRef ? type.GetElementType()! : type;
        return plain switch
        {
            _ when plain == typeof(string) => "k",
            _ when plain == typeof(StoredItem) => new StoredItem([1]),
            _ when plain == typeof(SyncOperation) => new SyncOperation("k", OpType.OpSet, new StoredItem([1], 1), 0),
            _ when plain == typeof(byte[]) => "k"u8.ToArray(),
            _ when plain.IsAssignableFrom(typeof(string[])) && plain != typeof(object) => new[] { "k" },
            _ when plain.IsAssignableFrom(typeof(Dictionary<string, StoredItem>)) => new Dictionary<string, StoredItem> { ["k"] = new([1]) },
            _ when plain.IsAssignableFrom(typeof(SyncOperation[])) => new[] { new SyncOperation("k", OpType.OpSet, new StoredItem([1], 1), 0) },
            _ when plain == typeof(long) => 1L,
            _ when plain == typeof(int) => 1,
            _ when plain.IsValueType => Activator.CreateInstance(plain),
            _ => null,
        };
    }

    /// <summary>Lazy results throw when they are enumerated at the latest, tasks when they are awaited.</summary>
    private static void Consume(object? result)
    {
        switch (result)
        {
            case Task task:
                task.GetAwaiter().GetResult();
                break;
            case System.Collections.IEnumerable sequence:
                foreach (object? _ in sequence)
                {
                }
                break;
        }
    }
}
