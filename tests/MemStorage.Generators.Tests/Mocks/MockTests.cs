using System.Reflection;
using MemStorage.Generators.Tests.Infrastructure;
using Moq;
using NSubstitute;

namespace MemStorage.Generators.Tests.Mocks;

/// <summary>
/// A repository can be replaced in tests: every member of the general interface and of a generated one can be played by NSubstitute and Moq, and one written by
/// hand needs few members.
/// </summary>
public sealed class MockTests
{
    private static readonly Lazy<Assembly> s_entities = new(static () => CompiledProgram.LoadForGood(GeneratorHost.Compile(
        """
        [MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey] public int Id { get; init; } [MemStorageIndex] public string Customer { get; set; } = ""; [MemStorageIndex] public DateOnly? Day { get; set; } }
        [MemStorageEntity, MemoryPackable] public partial class Price { [MemStorageKey(0)] public int Product { get; init; } [MemStorageKey(1)] public string Currency { get; init; } = ""; }
        [MemStorageEntity, MemoryPackable] public readonly partial record struct Tick([property: MemStorageKey] int Id, double Value);
        public sealed class HandWritten : CustomRepository<int, Order>, IOrderRepository
        {
            private readonly Dictionary<int, (Order Order, long Version)> _orders = [];
            public override MemStore Store => throw new NotSupportedException();
            public override KeySpace KeySpace => throw new NotSupportedException();
            public override bool TryGet(int key, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out Order entity) { bool found = _orders.TryGetValue(key, out var held); entity = held.Order; return found; }
            public override bool TryGetInfo(int key, out EntityInfo info) { bool found = _orders.TryGetValue(key, out var held); info = new EntityInfo(held.Version, null); return found; }
            public override SetResult Set(Order entity, in EntitySetOptions options, out long version) { version = _orders.TryGetValue(entity.Id, out var held) ? held.Version + 1 : 1; _orders[entity.Id] = (entity, version); return SetResult.Stored; }
            public override UpdateResult TryUpdate(Order entity, out long version) => TryUpdate(entity, _orders[entity.Id].Version, out version);
            public override UpdateResult TryUpdate(Order entity, long expectedVersion, out long version) { _ = Set(entity, default, out version); return UpdateResult.Updated; }
            public override DeleteResult Delete(int key) => _orders.Remove(key) ? DeleteResult.Deleted : DeleteResult.NotFound;
            public override DeleteResult Delete(int key, long version) => Delete(key);
            public override bool Touch(int key, TimeSpan timeToLive) => _orders.ContainsKey(key);
            public override async ValueTask<Order> GetOrCreateAsync<TState>(int key, TState state, Func<int, TState, LoadContext, CancellationToken, ValueTask<Order>> factory, CancellationToken cancellationToken = default)
            {
                if (!TryGet(key, out Order? order)) { order = await factory(key, state, new LoadContext(), cancellationToken); _ = Set(order, default, out _); }
                return order;
            }
            public override IEnumerable<int> Keys() => _orders.Keys;
            public IEnumerable<Order> FindByCustomer(string customer) => MemStorage.Typed.UnindexedSearch.Equal(All(), o => o.Customer, customer);
            public IEnumerable<Order> FindCustomerBetween(string from, string to) => MemStorage.Typed.UnindexedSearch.Between(All(), o => o.Customer, from, to);
            public IEnumerable<Order> FindByDay(DateOnly? day) => MemStorage.Typed.UnindexedSearch.Equal(All(), o => o.Day, day);
            public IEnumerable<Order> FindDayBetween(DateOnly from, DateOnly to) => MemStorage.Typed.UnindexedSearch.Between<Order, DateOnly?>(All(), o => o.Day, from, to);
        }
        public static class Program
        {
            public static async Task Play(IOrderRepository orders)
            {
                Equal(SetResult.Stored, orders.Set(new Order { Id = 1, Customer = "ada" }));
                Equal(SetResult.Stored, orders.Set(new Order { Id = 2, Customer = "bob", Day = new DateOnly(2024, 1, 2) }));
                Equal("ada", orders.Get(1).Customer);
                Equal(UpdateResult.Updated, orders.Update(1, o => o.Customer = "eve"));
                Equal("eve", orders.FindByCustomer("eve").Single().Customer);
                Equal(0, orders.FindByCustomer("ada").Count());
                Equal("bob,eve", string.Join(",", orders.FindCustomerBetween("a", "f").Select(o => o.Customer)));
                Equal(2, orders.FindDayBetween(new DateOnly(2024, 1, 1), new DateOnly(2024, 2, 1)).Single().Id);
                Equal(2, orders.GetMany(1, 2, 3).Count);
                Equal(2, orders.GetMany([1, 2, 3]).Count);
                Equal(3, (await orders.GetOrCreateAsync(3, async (id, ct) => { await Task.Yield(); return new Order { Id = id }; })).Id);
                Equal(4, (await orders.GetOrCreateAsync(4, (id, ct) => Task.FromResult(new Order { Id = id }))).Id);
                Equal(5, (await orders.GetOrCreateAsync(5, 5, (id, state, context, ct) => Task.FromResult(new Order { Id = state }))).Id);
                Equal(6, orders.GetOrCreate(6, id => new Order { Id = id }).Id);
                Equal(6L, orders.Count);
                Equal(2, orders.DeleteMany(1, 2));
                Equal(4, orders.All().Count());
                try { orders.Get(1); Equal(true, false); } catch (MemStorageException e) { Equal(MemStorageError.NotFound, e.Error); }
            }
            static void Equal<T>(T expected, T actual, [System.Runtime.CompilerServices.CallerLineNumber] int line = 0) { if (!EqualityComparer<T>.Default.Equals(expected, actual)) throw new Exception($"line {line}: expected {expected}, got {actual}"); }
            public static void Run(MemStore store) => Play(store.Orders()).GetAwaiter().GetResult();
            public static void RunByHand() => Play(new HandWritten()).GetAwaiter().GetResult();
        }
        """).WithAssemblyName("Mocked")));

    public static TheoryData<string> Interfaces => ["IOrderRepository", "IPriceRepository", "ITickRepository"];

    [Theory]
    [MemberData(nameof(Interfaces))]
    public void NSubstitute_plays_every_member(string name)
    {
        Type type = s_entities.Value.GetType(name, throwOnError: true)!;
        CallAll(type, Substitute.For([type], []));
    }

    [Theory]
    [MemberData(nameof(Interfaces))]
    public void Moq_plays_every_member(string name)
    {
        Type type = s_entities.Value.GetType(name, throwOnError: true)!;
        Mock mock = (Mock)Activator.CreateInstance(typeof(Mock<>).MakeGenericType(type))!;
        CallAll(type, mock.Object);
    }

    [Fact]
    public void A_repository_written_by_hand_behaves_like_the_real_one()
    {
        Type program = s_entities.Value.GetType("Program", throwOnError: true)!;
        using MemStore store = new();
        program.GetMethod("Run")!.Invoke(null, [store]);
        program.GetMethod("RunByHand")!.Invoke(null, null);
    }

    [Fact]
    public async Task What_is_beside_the_interface_reaches_the_member_that_was_set_up()
    {
        IMemStorageRepository<int, string> repository = Substitute.For<IMemStorageRepository<int, string>>();
        repository.GetMany(Arg.Any<IEnumerable<int>>()).Returns(["a", "b"]);
        repository.DeleteMany(Arg.Any<IEnumerable<int>>()).Returns(2);
#pragma warning disable CA2012 // how a substitute is set up
        repository.GetOrCreateAsync(7, Arg.Any<Func<int, CancellationToken, ValueTask<string>>>(), Arg.Any<CancellationToken>()).Returns(new ValueTask<string>("made"));
#pragma warning restore CA2012
        int[] ids = [1, 2];
        Assert.Equal(["a", "b"], repository.GetMany(ids));
        Assert.Equal(["a", "b"], repository.GetMany(1, 2));
        Assert.Equal(["a", "b"], repository.GetMany(ids.AsSpan()));
        Assert.Equal(2, repository.DeleteMany(ids.AsSpan()));
        Assert.Equal("made", await repository.GetOrCreateAsync(7, static (_, _) => Task.FromResult("task"), TestContext.Current.CancellationToken));
        Assert.Equal("made", await repository.GetOrCreateAsync(7, async (_, _) => { await Task.Yield(); return "async"; }, TestContext.Current.CancellationToken));

        Mock<IMemStorageRepository<int, string>> mock = new();
        mock.Setup(static r => r.GetMany(It.IsAny<IEnumerable<int>>())).Returns(["c"]);
        Assert.Equal(["c"], mock.Object.GetMany(ids));
        Assert.Equal(["c"], mock.Object.GetMany(1, 2));
    }

    private static void CallAll(Type type, object mock)
    {
        MethodInfo[] methods = [.. type.GetInterfaces().Append(type).SelectMany(static t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance))];
        Assert.True(methods.Length > 30, $"{methods.Length} members");
        foreach (MethodInfo method in methods)
        {
            Assert.DoesNotContain(method.GetParameters(), static p => p.ParameterType.IsByRefLike);
            MethodInfo closed = method.IsGenericMethodDefinition ? method.MakeGenericMethod([.. method.GetGenericArguments().Select(static _ => typeof(int))]) : method;
            object?[] arguments = [.. closed.GetParameters().Select(static p => Any(p.ParameterType.IsByRef ? p.ParameterType.GetElementType()! : p.ParameterType))];
            _ = closed.Invoke(mock, arguments);
        }
    }

    private static object? Any(Type type) => type.IsValueType ? Activator.CreateInstance(type) : null;
}
