using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Numerics;
using MemStorage;

namespace AotSmoke;

/// <summary>Stores one of everything and compares what comes back.</summary>
internal static class ShelfChecks
{
    public static void Run(MemStore store, Action<string, bool> check)
    {
        Shelf shelf = Fill();
        check("one of every kind is stored", store.Shelves().Set(shelf) is SetResult.Stored);
        Shelf read = store.Shelves().Get(1);
        check("nullable structs come back", read.Pair == shelf.Pair && read.Spot == shelf.Spot && read.Spots.SequenceEqual(shelf.Spots) && read.Amounts[Kind.Giro] == 1.5m && read.Amounts[Kind.None] is null);
        check("arrays of arrays come back", read.Jagged[0][1] is null && read.Jagged[1][0] == "c" && read.Numbers[0].SequenceEqual([1, null]) && read.Table[0, 1].Text == "t");
        check("tuples come back", read.Tuples.SequenceEqual(shelf.Tuples) && read.Eight == shelf.Eight && read.Classic!.Equals(shelf.Classic));
        check("sets come back", read.Set.SetEquals(shelf.Set) && read.Days.SetEquals(shelf.Days) && read.Ranges.SetEquals(shelf.Ranges) && read.Vectors.SetEquals(shelf.Vectors)
            && read.Dates.SetEquals(shelf.Dates) && read.Interface.SetEquals(shelf.Interface));
        check("queues, stacks and lists come back", read.Stack.SequenceEqual(shelf.Stack) && read.Queue.SequenceEqual(shelf.Queue) && read.Linked.SequenceEqual(shelf.Linked) && read.Priorities.Dequeue() == "first"
            && read.Observed.SequenceEqual(shelf.Observed) && read.ReadOnly.SequenceEqual(shelf.ReadOnly) && read.Enumerable.SequenceEqual(shelf.Enumerable));
        check("dictionaries come back", read.Sorted["s"].SequenceEqual([Kind.Giro]) && read.Concurrent["c"] == TimeSpan.FromSeconds(1) && read.Nested["n"].SequenceEqual([1, null]) && read.Lookup![Kind.Giro].SequenceEqual(["Giro"]));
        check("immutable collections come back", read.Array.SequenceEqual(shelf.Array) && read.List.SequenceEqual(shelf.List) && read.Map[Kind.Giro].SequenceEqual(["m"]) && read.SortedTexts.SequenceEqual(shelf.SortedTexts)
            && read.Frozen[Kind.Giro] == new Spot(8, 8) && read.FrozenSet.SetEquals(shelf.FrozenSet) && read.Kinds.SetEquals(shelf.Kinds) && read.Waiting.SequenceEqual(shelf.Waiting));
        check("generic types and unions come back", read.Pages!.Items[0].Items.SequenceEqual([Kind.Saving]) && read.TuplePage!.Items.SequenceEqual(shelf.TuplePage!.Items) && read.Contacts["a"] == new Mail("ada@example.org") && read.Contacts["b"] == new Phone(7));
        check("memory, lazy values and big numbers come back", read.Bytes.Span.SequenceEqual(shelf.Bytes.Span) && read.Memory.Span.SequenceEqual(shelf.Memory.Span) && read.Later!.Value == "late" && read.Big == shelf.Big && read.Bigs.SequenceEqual(shelf.Bigs));

        Node node = new() { Name = "ring" };
        node.Next = node;
        Tolerant tolerant = new() { Id = "t", Nodes = [node] };
        check("a version-tolerant entity with circular references comes back", store.Tolerants().Set(tolerant) is SetResult.Stored
            && store.Tolerants().Get("t") is { Nodes: [{ Name: "ring" } first] } back && ReferenceEquals(first, first.Next) && back.Version == tolerant.Version && back.Version > 0);
    }

    private static Shelf Fill()
    {
        Shelf shelf = new()
        {
            Id = 1,
            Pair = (1, null),
            Spot = new Spot(1, 2),
            Spots = [null, new Spot(3, 4)],
            Amounts = new() { [Kind.Giro] = 1.5m, [Kind.None] = null },
            Jagged = [["a", null], ["c"]],
            Numbers = [[1, null], []],
            Table = new[,] { { new Booking(default, 1, null), new Booking(default, 2, "t") } },
            Tuples = [(Kind.Giro, new Spot(5, 6))],
            Eight = (1, 2, 3, 4, 5, 6, 7, "eight"),
            Classic = Tuple.Create(1, Tuple.Create("x", Kind.Saving)),
            Set = [new Spot(7, 8)],
            Days = [DayOfWeek.Friday],
            Ranges = [1..^2],
            Vectors = [new Vector2(1, 2)],
            Sorted = new() { ["s"] = [Kind.Giro] },
            Dates = [new DateOnly(2026, 1, 2)],
            Stack = new([("bottom", 1), ("top", 2)]),
            Queue = new([new Booking(default, 3, "q")]),
            Linked = new([Kind.Giro, Kind.None]),
            Observed = [new Spot(9, 9)],
            Array = [new Spot(1, 1)],
            List = ["l", null],
            Map = ImmutableDictionary<Kind, ImmutableArray<string>>.Empty.Add(Kind.Giro, ["m"]),
            SortedTexts = ["b", "a"],
            Kinds = [Kind.Saving],
            Waiting = [new Booking(default, 4, "w")],
            Frozen = new Dictionary<Kind, Spot> { [Kind.Giro] = new Spot(8, 8) }.ToFrozenDictionary(),
            FrozenSet = new[] { new Spot(5, 5) }.ToFrozenSet(),
            ReadOnly = [new Booking(default, 5, "r")],
            Nested = new Dictionary<string, IReadOnlyList<int?>> { ["n"] = [1, null] },
            Interface = new HashSet<Kind> { Kind.Giro },
            Enumerable = [new Spot(2, 3)],
            Lookup = new[] { Kind.Giro, Kind.None }.ToLookup(static k => k, static k => k.ToString()),
            Pages = new() { Items = [new() { Items = [Kind.Saving] }] },
            TuplePage = new() { Items = [("p", null), ("q", new Spot(4, 4))] },
            Contacts = new() { ["a"] = new Mail("ada@example.org"), ["b"] = new Phone(7) },
            Bytes = new byte[] { 1, 2, 3 },
            Memory = new[] { new Spot(6, 6) },
            Later = new("late"),
            Big = BigInteger.Pow(10, 40),
            Bigs = [-BigInteger.One, BigInteger.Pow(2, 70)],
        };
        shelf.Priorities.Enqueue("second", 2);
        shelf.Priorities.Enqueue("first", 1);
        shelf.Concurrent["c"] = TimeSpan.FromSeconds(1);
        return shelf;
    }
}
