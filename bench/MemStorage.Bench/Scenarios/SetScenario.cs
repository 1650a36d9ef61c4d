using MemStorage.Bench.Load;
using MemStorage.Bench.Measuring;
using MemStorage.Bench.Subjects;

namespace MemStorage.Bench.Scenarios;

internal sealed class SetScenario : OperationScenario
{
    // how far apart threads are in the random order, so that they do not write the same keys
    private const int Stride = 333_333;

    [ThreadStatic]
    private static Order? _template;

    public override string Name => "set";

    public override string Summary => "writes: serialize an order and store it over the one that is there";

    protected override IEnumerable<IReadOnlyList<Contestant>> Contests(IReadOnlyList<Subject> subjects, string[] keys, RandomOrder order)
    {
        yield return
        [
            .. subjects.Select(s => new Contestant(s.Name, "set", (thread, start, count) =>
            {
                int shift = thread * Stride;
                Order template = _template ??= Order.Create(thread, salt: 1);
                for (int i = start + shift; i < start + shift + count; i++)
                    s.SetFrom(template, order[i], keys[order[i]]);
                return 0;
            })),
        ];
    }
}
