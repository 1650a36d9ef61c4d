using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Tests.Shapes;

/// <summary>
/// README: <c>await orders.GetOrCreateAsync(7, async (id, ct) => await LoadAsync(id, ct))</c>. Every natural call of every overload compiles, on the class, on
/// its own interface and on the general one, in each language version that generated code is for.
/// </summary>
public sealed class OverloadTests
{
    private static readonly string[] s_calls =
    [
        // factories that return a task
        "await R.GetOrCreateAsync(7, async (id, ct) => await LoadTask(id, ct))",
        "await R.GetOrCreateAsync(7, async (id, ct) => await LoadValue(id, ct))",
        "await R.GetOrCreateAsync(7, async (id, ct) => { await Task.Yield(); return new Order { Id = id }; })",
        "await R.GetOrCreateAsync(7, static async (id, ct) => await LoadTask(id, ct))",
        "await R.GetOrCreateAsync(7, async (int id, CancellationToken ct) => await LoadTask(id, ct))",
        "await R.GetOrCreateAsync(7, async delegate(int id, CancellationToken ct) { await Task.Yield(); return new Order { Id = id }; })",
        "await R.GetOrCreateAsync(7, async (_, _) => order)",
        "await R.GetOrCreateAsync(7, (id, ct) => LoadTask(id, ct))",
        "await R.GetOrCreateAsync(7, (id, ct) => LoadValue(id, ct))",
        "await R.GetOrCreateAsync(7, static (id, ct) => LoadTask(id, ct))",
        "await R.GetOrCreateAsync(7, static (id, ct) => LoadValue(id, ct))",
        "await R.GetOrCreateAsync(7, (int id, CancellationToken ct) => LoadTask(id, ct))",
        "await R.GetOrCreateAsync(7, delegate(int id, CancellationToken ct) { return LoadTask(id, ct); })",
        "await R.GetOrCreateAsync(7, (_, _) => Task.FromResult(order))",
        "await R.GetOrCreateAsync(7, (_, _) => ValueTask.FromResult(order))",
        "await R.GetOrCreateAsync(7, (_, _) => new ValueTask<Order>(order))",
        "await R.GetOrCreateAsync(7, (_, _) => new(order))",
        "await R.GetOrCreateAsync(7, (_, _) => throw new TimeoutException())",
        "await R.GetOrCreateAsync(7, LoadTask)",
        "await R.GetOrCreateAsync(7, LoadValue)",
        "await R.GetOrCreateAsync(7, new Func<int, CancellationToken, Task<Order>>(LoadTask))",
        "await R.GetOrCreateAsync(7, new Func<int, CancellationToken, ValueTask<Order>>(LoadValue))",
        "await R.GetOrCreateAsync(7, async (id, ct) => await LoadTask(id, ct), token)",
        "await R.GetOrCreateAsync(7, (id, ct) => LoadTask(id, ct), token)",
        "await R.GetOrCreateAsync(7, LoadTask, token)",
        "await R.GetOrCreateAsync(7, LoadValue, token)",
        "await R.GetOrCreateAsync(7, (id, ct) => LoadValue(id, ct), cancellationToken: token)",
        "await R.GetOrCreateAsync(key: 7, factory: (id, ct) => LoadTask(id, ct), cancellationToken: token)",
        "await R.GetOrCreateAsync(7, (id, ct) => LoadTask(id, ct), CancellationToken.None)",
        "await R.GetOrCreateAsync(7, async (id, ct) => await LoadTask(id, ct), default)",
        // with a context
        "await R.GetOrCreateAsync(7, async (id, context, ct) => await LoadTask(id, ct))",
        "await R.GetOrCreateAsync(7, async (id, context, ct) => { context.Store = false; await Task.Yield(); return order; })",
        "await R.GetOrCreateAsync(7, (id, context, ct) => LoadTask(id, ct))",
        "await R.GetOrCreateAsync(7, (id, context, ct) => LoadValue(id, ct), token)",
        "await R.GetOrCreateAsync(7, ContextTask)",
        "await R.GetOrCreateAsync(7, ContextValue, token)",
        // with a state
        "await R.GetOrCreateAsync(7, order, static async (id, state, context, ct) => await LoadTask(state.Id, ct))",
        "await R.GetOrCreateAsync(7, order, static (id, state, context, ct) => LoadTask(state.Id, ct))",
        "await R.GetOrCreateAsync(7, order, static (id, state, context, ct) => LoadValue(state.Id, ct), token)",
        "await R.GetOrCreateAsync(7, (order, 5), static (id, state, _, ct) => LoadTask(state.Item2, ct), token)",
        "await R.GetOrCreateAsync(7, order, StateTask)",
        "await R.GetOrCreateAsync(7, order, StateValue, token)",
        // without a task
        "R.GetOrCreate(7, id => new Order { Id = id })",
        "R.GetOrCreate(7, static id => Make(id))",
        "R.GetOrCreate(7, Make)",
        "R.GetOrCreate(7, (id, context) => { context.TimeToLive = TimeSpan.FromMinutes(1); return Make(id); })",
        "R.GetOrCreate(7, MakeIn)",
        "R.GetOrCreate(7, _ => throw new TimeoutException())",
        // changes
        "R.Update(7, o => o.Total += 1)",
        "R.Update(7, o => { o.Total = 1; })",
        "R.Update(7, static o => o.Total++)",
        "R.Update(7, o => Change(o))",
        "R.Update(7, Change)",
        "R.Update(7, o => o)",
        "R.Update(7, o => { o.Total = 1; return o; })",
        "R.Update(7, Changed)",
        "R.Update(7, o => Changed(o))",
        "R.Update(7, 5m, static (o, add) => { o.Total += add; return o; })",
        "R.Update(7, 5m, Added)",
        // writes
        "R.Set(order)", "R.Set(order, out _)", "R.Set(order, out long v)", "R.Set(order, 5)", "R.Set(order, 5L)", "R.Set(order, order.Version)",
        "R.Set(order, TimeSpan.FromMinutes(1))", "R.Set(order, DateTimeOffset.UtcNow)", "R.Set(order, DateTime.UtcNow)", "R.Set(ref order)",
        "R.Set(order, new EntitySetOptions { OnlyIfAbsent = true }, out _)", "R.Set(order, default, out _)", "R.Set(new() { Id = 3 })", "R.SetOrThrow(order)",
        "R.TryUpdate(order)", "R.TryUpdate(order, out _)", "R.TryUpdate(order, 5, out _)", "R.TryUpdate(order, order.Version, out long w)",
        "R.Delete(7)", "R.Delete(7, 5)", "R.Delete(7, order.Version)", "R.Touch(7, TimeSpan.FromMinutes(1))", "R.SetMany([order])", "R.SetMany(new[] { order })",
        // reads
        "R.Get(7)", "R.TryGet(7, out _)", "R.TryGet(7, out var x)", "R.GetNoCopy(7)", "R.TryGetNoCopy(7, out var y)", "R.Contains(7)", "R.TryGetInfo(7, out _)",
        "R.Keys()", "R.All()", "R.Count", "R.FindByCustomer(\"a\")", "R.FindCustomerBetween(\"a\", \"b\")",
        // many keys
        "R.GetMany(ids)", "R.GetMany(list)", "R.GetMany(list.Where(i => i > 3))", "R.GetMany(new HashSet<int> { 1 })", "R.GetMany([1, 2])", "R.GetMany([])", "R.GetMany(1)", "R.GetMany(1, 2)",
        "R.GetMany(ids.AsSpan())", "R.GetMany((ReadOnlySpan<int>)ids)", "R.GetMany(ids.AsMemory().Span)", "R.GetMany(keys: ids)", "R.GetMany([.. ids, 3])", "R.GetMany(stackalloc int[] { 1 })",
        "R.DeleteMany(ids)", "R.DeleteMany(list)", "R.DeleteMany(list.Where(i => i > 3))", "R.DeleteMany([1, 2])", "R.DeleteMany(1)", "R.DeleteMany(1, 2)", "R.DeleteMany(ids.AsSpan())", "R.DeleteMany((IReadOnlyList<int>)ids)",
    ];

    private const string Program =
        """
        [MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey] public int Id { get; init; } [MemStorageVersion] public long Version { get; set; } [MemStorageIndex] public string Customer { get; set; } = ""; public decimal Total { get; set; } }
        static partial class Use
        {
            static Task<Order> LoadTask(int id, CancellationToken token) => Task.FromResult(new Order { Id = id });
            static ValueTask<Order> LoadValue(int id, CancellationToken token) => new(new Order { Id = id });
            static Task<Order> ContextTask(int id, LoadContext context, CancellationToken token) => LoadTask(id, token);
            static ValueTask<Order> ContextValue(int id, LoadContext context, CancellationToken token) => LoadValue(id, token);
            static Task<Order> StateTask(int id, Order state, LoadContext context, CancellationToken token) => LoadTask(id, token);
            static ValueTask<Order> StateValue(int id, Order state, LoadContext context, CancellationToken token) => LoadValue(id, token);
            static Order Make(int id) => new() { Id = id };
            static Order MakeIn(int id, LoadContext context) => new() { Id = id };
            static void Change(Order order) => order.Total = 1;
            static Order Changed(Order order) => order;
            static Order Added(Order order, decimal add) => order;
        }
        """;

    [Theory]
    [InlineData("OrderRepository", LanguageVersion.CSharp12)]
    [InlineData("OrderRepository", LanguageVersion.CSharp13)]
    [InlineData("OrderRepository", LanguageVersion.CSharp14)]
    [InlineData("IOrderRepository", LanguageVersion.CSharp12)]
    [InlineData("IOrderRepository", LanguageVersion.CSharp13)]
    [InlineData("IOrderRepository", LanguageVersion.CSharp14)]
    [InlineData("IMemStorageRepository<int, Order>", LanguageVersion.CSharp12)]
    [InlineData("IMemStorageRepository<int, Order>", LanguageVersion.CSharp13)]
    [InlineData("IMemStorageRepository<int, Order>", LanguageVersion.CSharp14)]
    public void Every_natural_call_compiles(string receiver, LanguageVersion language)
    {
        string[] calls = [.. s_calls.Where(c => receiver[^1] != '>' || !c.Contains("R.Find", StringComparison.Ordinal))];
        string methods = string.Join("\n", calls.Select((call, i) =>
        {
            bool isAsync = call.StartsWith("await ", StringComparison.Ordinal);
            return $"static partial class Use {{ static {(isAsync ? "async Task" : "void")} M{i}({receiver} R, Order order, int[] ids, List<int> list, CancellationToken token) {{ _ = {call}; }} }}";
        }));
        Compilation compilation = GeneratorHost.Compile([Program, methods], language: language);
        Assert.Empty(GeneratorHost.BuildUnchecked(compilation, out _).GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(static d => d.Severity == DiagnosticSeverity.Error && !d.IsWarningAsError)
            .Select(d => d.Location.SourceTree?.FilePath == "File1.cs" ? $"{calls[d.Location.GetLineSpan().StartLinePosition.Line]}: {d.Id} {d.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}" : d.ToString()));
    }
}
