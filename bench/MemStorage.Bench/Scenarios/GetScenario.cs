using MemStorage.Bench.Load;
using MemStorage.Bench.Measuring;
using MemStorage.Bench.Subjects;

namespace MemStorage.Bench.Scenarios;

internal sealed class GetScenario : OperationScenario
{
    private const int BufferBytes = 512;
    private const int BatchKeys = 64;

    public override string Name => "get";

    public override string Summary => "reads: copy of the bytes, typed, view of the bytes, shared instance, 64 keys together";

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
        yield return
        [
            .. subjects.Where(s => s.Abilities.HasFlag(Abilities.Batch)).SelectMany(s => (Contestant[])
            [
                new(s.Name, $"get {BatchKeys} keys one by one", (_, start, count) => Batches(s, together: false, start, count)),
                new(s.Name, $"get {BatchKeys} keys together", (_, start, count) => Batches(s, together: true, start, count)),
            ]),
        ];

        // per key, like the others
        long Batches(Subject subject, bool together, int start, int count)
        {
            int[] ids = new int[BatchKeys];
            string[] names = new string[BatchKeys];
            long sum = 0;
            for (int first = start; first < start + count; first += BatchKeys)
            {
                int n = Math.Min(BatchKeys, start + count - first);
                for (int i = 0; i < n; i++)
                {
                    ids[i] = order[first + i];
                    names[i] = keys[ids[i]];
                }
                sum += together ? subject.Together(ids.AsSpan(0, n), names.AsSpan(0, n)) : subject.OneByOne(ids.AsSpan(0, n), names.AsSpan(0, n));
            }
            return sum;
        }
    }
}
