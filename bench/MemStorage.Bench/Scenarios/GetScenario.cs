using MemStorage.Bench.Load;
using MemStorage.Bench.Measuring;
using MemStorage.Bench.Subjects;

namespace MemStorage.Bench.Scenarios;

internal sealed class GetScenario : OperationScenario
{
    private const int BufferBytes = 512;

    public override string Name => "get";

    public override string Summary => "reads: copy of the bytes, typed, view of the bytes, shared instance";

    protected override IEnumerable<IReadOnlyList<Contestant>> Contests(IReadOnlyList<Subject> subjects, string[] keys, RandomOrder order)
    {
        yield return
        [
            .. subjects.Where(s => s.Abilities.HasFlag(Abilities.Copy)).Select(s => new Contestant(s.Name, "get copy", (_, start, count) =>
            {
                Span<byte> buffer = stackalloc byte[BufferBytes];
                long sum = 0;
                for (int i = start; i < start + count; i++)
                    sum += s.Copy(order[i], keys[order[i]], buffer);
                return sum;
            })),
        ];
        yield return
        [
            .. subjects.Where(s => s.Abilities.HasFlag(Abilities.Typed)).Select(s => new Contestant(s.Name, "get typed", (_, start, count) =>
            {
                long sum = 0;
                for (int i = start; i < start + count; i++)
                    sum += s.Typed(order[i], keys[order[i]])!.Quantity;
                return sum;
            })),
        ];
        yield return
        [
            .. subjects.Where(s => s.Abilities.HasFlag(Abilities.NoCopy)).Select(s => new Contestant(s.Name, "get no-copy bytes", (_, start, count) =>
            {
                long sum = 0;
                for (int i = start; i < start + count; i++)
                    sum += s.NoCopy(order[i], keys[order[i]]);
                return sum;
            })),
        ];
        yield return
        [
            .. subjects.Where(s => s.Abilities.HasFlag(Abilities.Shared)).Select(s => new Contestant(s.Name, "get shared instance", (_, start, count) =>
            {
                long sum = 0;
                for (int i = start; i < start + count; i++)
                    sum += s.Shared(order[i], keys[order[i]])!.Quantity;
                return sum;
            })),
        ];
    }
}
