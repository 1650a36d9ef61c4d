using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using MemStorage.Typed;

namespace MemStorage.Integration.Tests.Indexes;

/// <summary>The bytes of an index, as docs/repositories.md states them: of an entity, and of one more index.</summary>
public sealed class IndexCostTests
{
    private const int Entities = 60_000;

    private sealed class Memory : IMemoryReservation
    {
        public long Used { get; private set; }

        public void FillUp()
        {
        }

        public bool TryReserve(long bytes)
        {
            Used += bytes;
            return true;
        }

        public void Release(long bytes) => Used -= bytes;
    }

    // reserved bytes for each entity, with int values and an int key
    private static double Measure(int indexes, bool shuffled)
    {
        Memory memory = new();
        IndexStripe stripe = new(memory, indexes, chunkBytes: 1 << 16);
        int[] ids = [.. Enumerable.Range(0, Entities)];
        if (shuffled)
            new Random(7).Shuffle(ids);
        IndexValues values = new(indexes);
        Span<byte> value = stackalloc byte[4];
        foreach (int id in ids)
        {
            byte[] key = Encoding.UTF8.GetBytes(id.ToString("D5", CultureInfo.InvariantCulture));
            BinaryPrimitives.WriteInt32BigEndian(value, id);
            values.Clear();
            for (int i = 0; i < indexes; i++)
                values.Add(value);
            stripe.Put(IndexStripe.HashOf(key), key, values);
        }
        stripe.Validate();
        Assert.Equal(memory.Used, stripe.Bytes);
        return memory.Used / (double)Entities;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_entity_costs_what_the_formula_says_and_one_more_index_its_value_and_its_order(bool shuffled)
    {
        double first = 0;
        for (int indexes = 1; indexes <= 5; indexes++)
        {
            // "per entity 19 + number of indexes + key + indexed values, rounded up to 8; 4 to 8 for the hash of keys; 4.6 to 9.2 per index for its order"
            int block = (19 + indexes + 5 + (4 * indexes) + 7) / 8 * 8;
            double bytes = Measure(indexes, shuffled);
            TestContext.Current.TestOutputHelper?.WriteLine($"{indexes} indexes, {(shuffled ? "any order" : "ascending")}: {bytes:F1} bytes for each entity");
            Assert.InRange(bytes, block + 4 + (4.6 * indexes), block + 8 + (9.2 * indexes) + 1.5); // a chunk that has only been begun
            // "one more index on an int: 11 to 13 bytes for each entity, in the mean of four"
            if (indexes == 1)
                first = bytes;
            if (indexes == 5)
                Assert.InRange((bytes - first) / 4, 9, 15);
        }
    }
}
