using System.Globalization;

namespace MemStorage.Delivery.Tests.Documents;

/// <summary>docs/sizing.md: its examples follow from its formulas, and its bytes of an entry are those of the report.</summary>
public sealed class SizingPageTests
{
    private const int BytesPerEntry = 1048;

    [Fact]
    public void The_examples_follow_from_the_formulas()
    {
        string[][] rows = [.. MarkdownPage.Open("docs/sizing.md").Rows().Where(row => row.Length == 6 && row[0].EndsWith("iB", StringComparison.Ordinal))];
        Assert.Equal(["256 MiB", "1 GiB", "8 GiB", "64 GiB"], rows.Select(row => row[0]));
        foreach (string[] row in rows)
        {
            string[] container = row[0].Split(' ');
            long megabytes = long.Parse(container[0], CultureInfo.InvariantCulture) * (container[1] == "GiB" ? 1024 : 1);
            long heap = megabytes * 3 / 4, own = Number(row[3]);
            long bound = (long)((heap - own - 32) / 1.1);
            long entries = (long)(0.8 * bound * (1 << 20) / BytesPerEntry / 1000);
            Assert.Equal((row[0], heap, Math.Min(512, heap / 4), bound, entries), (row[0], Number(row[1]), Number(row[2]), Number(row[4]), Number(row[5])));
            using MemStore store = new(new MemStoreOptions { MaxMemoryMB = (int)bound }); // each is a bound that a store takes
            Assert.Equal(bound << 20, store.GetMemoryReport().LimitBytes);
        }
    }

    /// <summary>"1,032 + 16 = 1,048 bytes", with 12 bytes of key and 1,000 of value.</summary>
    [Fact]
    public void An_entry_takes_what_the_page_says()
    {
        using MemStore store = new(new MemStoreOptions { MaxMemoryMB = 32, CompressionEnabled = false, ChangeLogBytes = 0 });
        byte[] value = new byte[1000];
        const int Count = 20_000; // near 80 % of the bound
        for (int i = 0; i < Count; i++)
            Assert.Equal(SetResult.Stored, store.Set(i.ToString("D12", CultureInfo.InvariantCulture), new StoredItem(value)));
        MemoryReport report = store.GetMemoryReport();
        Assert.Equal(Count, store.Stats().KeyCount);
        Assert.Equal(1032, (double)report.LiveBytes / Count);
        Assert.InRange((double)report.IndexBytes / Count, 8, 20);
        Assert.InRange((double)(report.LiveBytes + report.IndexBytes) / Count, BytesPerEntry - 8, BytesPerEntry + 8);
        Assert.Equal(report.LimitBytes, report.CeilingBytes);
    }

    private static long Number(string text) => long.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
}
