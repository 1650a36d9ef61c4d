using System.Text;
using CsCheck;
using MemStorage.Typed;

namespace MemStorage.Integration.Tests.Indexes;

/// <summary>One stripe against a plain dictionary, over random histories, with and without room.</summary>
public sealed class IndexStripeTests
{
    private sealed class Memory(long limit) : IMemoryReservation
    {
        public long Used { get; private set; }

        public void FillUp()
        {
        }

        public bool TryReserve(long bytes)
        {
            if (Used + bytes > limit)
                return false;
            Used += bytes;
            return true;
        }

        public void Release(long bytes)
        {
            Used -= bytes;
            Assert.True(Used >= 0);
        }
    }

    private static byte[] Key(int id) => Encoding.UTF8.GetBytes(id % 7 == 0 ? new string('k', 300 + (id % 50)) + id : $"{id}");

    private static byte[] Value(int value) => Encoding.UTF8.GetBytes(value % 11 == 0 ? new string('v', 100 + value) : $"{value:D3}");

    private static IndexValues Values(int first, int second)
    {
        IndexValues values = new(2);
        values.Add(Value(first));
        values.Add(Value(second));
        return values;
    }

    // every entry of an index, in chunks
    private static List<(string Value, string Key)>? Entries(IndexStripe stripe, int index)
    {
        List<(string, string)> all = [];
        IndexChunk chunk = new();
        byte[] value = [];
        byte[] key = [];
        byte[] last = [.. Enumerable.Repeat((byte)255, 255)];
        bool after = false;
        while (true)
        {
            if (!stripe.Collect(index, value, key, after, last, chunk))
                return null;
            if (chunk.Count == 0)
                return all;
            for (int i = 0; i < chunk.Count; i++)
                all.Add((Encoding.UTF8.GetString(chunk.Value(i)), Encoding.UTF8.GetString(chunk.Key(i))));
            value = chunk.Value(chunk.Count - 1).ToArray();
            key = chunk.Key(chunk.Count - 1).ToArray();
            after = true;
        }
    }

    private static readonly Gen<(int Kind, int Id, int First, int Second)[]> Histories =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 400], Gen.Int[0, 120], Gen.Int[0, 5]).Array[0, 900];

    [Fact]
    public void A_stripe_is_what_a_dictionary_says_after_any_history() =>
        Histories.Sample(static history =>
        {
            Memory memory = new(long.MaxValue);
            IndexStripe stripe = new(memory, 2, 2048);
            Dictionary<int, (int First, int Second)?> model = [];
            foreach ((int kind, int id, int first, int second) in history)
            {
                byte[] key = Key(id);
                uint hash = IndexStripe.HashOf(key) & 0xFF; // chains
                switch (kind)
                {
                    case < 6:
                        stripe.Put(hash, key, Values(first, second));
                        model[id] = (first, second);
                        break;
                    case 6:
                        stripe.Open(hash, key);
                        model[id] = null;
                        break;
                    default:
                        stripe.Remove(hash, key);
                        model.Remove(id);
                        break;
                }
            }
            stripe.Validate();
            string[] expected0 = Expected(model, static v => v.First);
            string[] expected1 = Expected(model, static v => v.Second);
            bool right = stripe.Count == model.Count
                && Entries(stripe, 0)!.Select(static e => e.Value + "/" + e.Key).SequenceEqual(expected0)
                && Entries(stripe, 1)!.Select(static e => e.Value + "/" + e.Key).SequenceEqual(expected1)
                && Entries(stripe, 2)!.Count == model.Count(static m => m.Value is null)
                && stripe.Bytes == memory.Used;
            stripe.Reset();
            return right && memory.Used == 0;
        }, iter: 150, seed: "0000KfQzVgb3");

    private static string[] Expected(Dictionary<int, (int First, int Second)?> model, Func<(int First, int Second), int> select) =>
    [
        .. model.Where(static m => m.Value is not null)
            .Select(m => (Value: Value(select(m.Value!.Value)), Key: Key(m.Key)))
            .Order(Comparer<(byte[] Value, byte[] Key)>.Create(static (l, r) =>
                l.Value.AsSpan().SequenceCompareTo(r.Value) is var o && o != 0 ? o : l.Key.AsSpan().SequenceCompareTo(r.Key)))
            .Select(static e => Encoding.UTF8.GetString(e.Value) + "/" + Encoding.UTF8.GetString(e.Key)),
    ];

    [Fact]
    public void Without_room_a_stripe_gives_everything_back_and_says_so() =>
        Gen.Select(Histories, Gen.Int[0, 60_000]).Sample(static (history, limit) =>
        {
            Memory memory = new(limit);
            IndexStripe stripe = new(memory, 2, 2048);
            foreach ((int kind, int id, int first, int second) in history)
            {
                byte[] key = Key(id);
                if (kind < 7)
                    stripe.Put(IndexStripe.HashOf(key), key, Values(first, second));
                else if (kind == 7)
                    stripe.Open(IndexStripe.HashOf(key), key);
                else
                    stripe.Remove(IndexStripe.HashOf(key), key);
            }
            if (!stripe.Failed)
            {
                stripe.Validate();
                return true;
            }
            return memory.Used == 0 && Entries(stripe, 0) is null;
        }, iter: 150, seed: "0000KfQzVgb4");

    [Fact]
    public void Freed_room_is_used_again()
    {
        Memory memory = new(long.MaxValue);
        IndexStripe stripe = new(memory, 2, 4096);
        Random random = new(7);
        void Write(int rounds)
        {
            for (int i = 0; i < rounds * 500; i++)
            {
                int id = random.Next(500);
                if (random.Next(4) == 0)
                    stripe.Remove(IndexStripe.HashOf(Key(id)), Key(id));
                else
                    stripe.Put(IndexStripe.HashOf(Key(id)), Key(id), Values(random.Next(120), random.Next(6)));
            }
        }

        Write(20);
        long settled = memory.Used;
        Write(100);
        Assert.InRange(memory.Used, 1, settled + (settled / 4));
        stripe.Validate();
    }

    [Fact]
    public void An_open_entry_is_resolved_only_with_what_was_read_after_its_last_write()
    {
        IndexStripe stripe = new(new Memory(long.MaxValue), 2, 2048);
        byte[] key = Key(1);
        uint hash = IndexStripe.HashOf(key);
        IndexChunk chunk = new();
        stripe.Open(hash, key);
        Assert.True(stripe.HasOpen);
        Assert.True(stripe.Collect(2, default, default, false, default, chunk));
        long stamp = chunk.Stamp(0);

        stripe.Open(hash, key); // written again before the first reading came back
        Assert.False(stripe.Resolve(hash, key, ref stamp, Values(1, 1)));
        Assert.True(stripe.HasOpen);
        Assert.True(stripe.Resolve(hash, key, ref stamp, Values(2, 2)));
        Assert.False(stripe.HasOpen);
        Assert.Equal([("002", "1")], Entries(stripe, 0)!);

        Assert.True(stripe.Resolve(hash, key, ref stamp, Values(3, 3))); // a typed write knew better
        Assert.Equal([("002", "1")], Entries(stripe, 0)!);
        stripe.Open(hash, key);
        Assert.True(stripe.Collect(2, default, default, false, default, chunk));
        stamp = chunk.Stamp(0);
        Assert.True(stripe.Resolve(hash, key, ref stamp, null)); // gone
        Assert.Equal(0, stripe.Count);
    }
}
