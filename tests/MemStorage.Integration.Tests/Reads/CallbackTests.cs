using System.Runtime.CompilerServices;
using MemoryPack;
using MemStorage.Integration.Tests.Entities;
using MemStorage.Integration.Tests.Entities.Shapes;
using MemStorage.Typed;

namespace MemStorage.Integration.Tests.Reads;

/// <summary>Foreign code in the middle of a typed call: callbacks of the serializer and the clock, which throw or come back to a repository on the same thread.</summary>
public sealed class CallbackTests
{
    private static Page[] Pages(MemStore store)
    {
        Page[] pages = [.. Enumerable.Range(1, 130).Select(static i => Page.Create(i, i, length: i))];
        foreach (Page page in pages)
            store.Pages().SetOrThrow(page);
        return pages;
    }

    /// <summary>After each failure the thread's buffer is free again, and what was stored before is there.</summary>
    [Fact]
    public void A_serializer_that_throws_leaves_nothing_behind()
    {
        using MemStore store = TestStores.Create();
        LoudRepository louds = store.Louds();
        louds.SetOrThrow(new Loud { Id = 1, Text = "first" });
        InvalidDataException Fail(Action call)
        {
            Loud.Callback = static _ => throw new InvalidDataException("callback");
            try
            {
                InvalidDataException thrown = Assert.Throws<InvalidDataException>(call);
                Assert.False(EntityBuffer.OfThread().IsNested);
                return thrown;
            }
            finally
            {
                Loud.Callback = null;
            }
        }

        for (int round = 0; round < 3; round++)
        {
            Fail(() => _ = louds.Get(1));
            Fail(() => _ = louds.GetNoCopy(1));
            Fail(() => _ = louds.GetMany(1, 2, 1));
            Fail(() => _ = louds.All().ToList());
            Fail(() => louds.SetOrThrow(new Loud { Id = 1, Text = "second" }));
            Fail(() => _ = louds.SetMany([new Loud { Id = 2 }, new Loud { Id = 3 }]));
            Fail(() => _ = louds.Update(1, static loud => loud.Text = "third"));
            Fail(() => _ = louds.GetOrCreate(4, static id => new Loud { Id = id }));
            Fail(() => _ = louds.GetOrCreate(1, static id => new Loud { Id = id }));
            Assert.Equal("first", louds.Get(1).Text);
            Assert.Equal((1, 0), (louds.Count, louds.State.Flights.Count));
        }
    }

    /// <summary>Each callback reads one, reads many, writes and searches, on the buffers, batches and pending writes that the outer call is using.</summary>
    [Fact]
    public void A_callback_that_uses_the_store_disturbs_nothing()
    {
        using MemStore store = TestStores.Create();
        Page[] pages = Pages(store);
        int[] ids = [.. pages.Select(static p => p.Id)];
        string[] names = [.. Enumerable.Range(0, 130).Select(static i => $"{new string('k', 1 + (i % 70))}{i}")];
        foreach (string name in names)
            Assert.Equal(SetResult.Stored, store.Set(name, System.Text.Encoding.UTF8.GetBytes(name)));
        LoudRepository louds = store.Louds();
        OrderRepository orders = store.Orders();
        louds.SetOrThrow(new Loud { Id = 1, Text = new string('t', 3001) });
        louds.SetOrThrow(new Loud { Id = 2, Text = new string('t', 3002) });
        int depth = 0, calls = 0;
        Loud.Callback = loud =>
        {
            calls++;
            Assert.True(store.Pages().GetMany(ids).All(static p => p.IsWhole()));
            Assert.All(store.BatchGet(names), static pair => Assert.Equal(pair.Key, System.Text.Encoding.UTF8.GetString(pair.Value.Value.Span)));
            orders.SetOrThrow(new Order { Id = loud.Id, Customer = "ada" });
            Assert.Contains(orders.FindByCustomer("ada"), o => o.Id == loud.Id);
            if (depth++ == 0)
                Assert.Equal(2, louds.GetMany(1, 2).Count(static l => l.Text == new string('t', 3000 + l.Id)));
            depth--;
        };
        try
        {
            Assert.Equal([1, 2, 1], louds.GetMany(1, 2, 1).Select(static l => l.Id));
            Assert.Equal(3002, louds.GetNoCopy(2).Text.Length);
            Assert.Equal(UpdateResult.Updated, louds.Update(1, static loud => loud.Other = 5));
            Assert.Equal((5, 3001), (louds.Get(1).Other, louds.Get(1).Text.Length));
        }
        finally
        {
            Loud.Callback = null;
        }
        Assert.True(calls > 10);
        Assert.False(EntityBuffer.OfThread().IsNested);
    }

    /// <summary>
    /// The serializer's state of a thread is used again, but not the objects of the entity before: one after the other, circles come back as circles of their own, also after a call that failed
    /// half-way, and their numbers begin anew.
    /// </summary>
    [Fact]
    public void References_of_one_entity_do_not_reach_the_next()
    {
        using MemStore store = TestStores.Create();
        NodeRepository nodes = store.Nodes();
        for (int i = 1; i <= 200; i++)
        {
            Node first = new() { Id = i };
            first.Next = new Node { Id = -i, Next = first };
            nodes.SetOrThrow(first);
            store.Louds().SetOrThrow(new Loud { Id = i, Text = "between" });
        }
        List<Node> read = [];
        for (int i = 1; i <= 200; i++)
        {
            Node node = nodes.Get(i);
            Assert.Equal((i, -i), (node.Id, node.Next!.Id));
            Assert.Same(node, node.Next.Next);
            Assert.DoesNotContain(node, read);
            read.Add(node);
            Assert.Equal("between", store.Louds().Get(i).Text);
        }
        Assert.Single(Enumerable.Range(1, 200).Select(i => nodes.TryReadBytes(i, 0, static (payload, _) => payload.Length, out int length) ? length : 0).Distinct());
    }

    /// <summary>The store's version of MemoryPack is one whose state is known, so that entities are decoded directly.</summary>
    [Fact]
    public void Entities_are_decoded_directly() => Assert.True(SerializerState.IsKnown);

    /// <summary>A thread that has read and written keeps nothing of a store alive that was closed: neither its counters nor its buffers nor what it wrote last.</summary>
    [Fact]
    public void A_closed_store_is_garbage_for_the_threads_that_used_it()
    {
        WeakReference store = UseAndClose();
        for (int i = 0; i < 20 && store.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(store.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseAndClose()
    {
        MemStore store = TestStores.Create();
        int[] ids = [.. Pages(store).Select(static p => p.Id)];
        Assert.Equal(130, store.Pages().GetMany(ids).Count);
        _ = store.Pages().GetNoCopy(1);
        Assert.Equal(SetResult.Stored, store.Set("key", [1]));
        Assert.Single(store.BatchGet(["key", "none"]));
        store.Orders().SetOrThrow(new Order { Id = 1, Customer = "ada" });
        Assert.Single(store.Orders().FindByCustomer("ada"));
        _ = store.Pages().GetOrCreate(500, static id => Page.Create(id, 1));
        ChangeCursor cursor = store.Changes.Read(store.Changes.Oldest).Cursor;
        store.Dispose();
        GC.KeepAlive(cursor);
        return new WeakReference(store);
    }
}

// calls the test when it is serialized and when it has been deserialized
[MemStorageEntity]
[MemoryPackable]
public sealed partial class Loud
{
    [ThreadStatic]
    private static Action<Loud>? t_callback;

    /// <summary>Runs on this thread.</summary>
    public static Action<Loud>? Callback { get => t_callback; set => t_callback = value; }

    [MemStorageKey]
    public required int Id { get; init; }

    public string Text { get; set; } = "";

    public int Other { get; set; }

    [MemoryPackOnSerialized]
    private void OnSerialized() => t_callback?.Invoke(this);

    [MemoryPackOnDeserialized]
    private void OnDeserialized() => t_callback?.Invoke(this);
}
