using MemStorage.Integration.Tests.Entities;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Integration.Tests.Writes;

/// <summary>docs/versions.md: "The own versions are never refused, whatever the wall clock does", through repositories.</summary>
public sealed class BrokenClockTests
{
    private static readonly Guid Id = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Steps => ["1969-12-31", "0001-01-01", "2025-03-01", "2026-03-01T11:00:00", "2026-03-01T11:58:59", "2027-03-01", "6430-01-01", "9999-01-01"];

    private static DateTimeOffset At(string step) =>
        DateTimeOffset.Parse(step, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal);

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Every_write_goes_on(string step)
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        PageRepository pages = store.Pages();
        SessionRepository sessions = store.Sessions();
        Assert.Equal(SetResult.Stored, pages.Set(Page.Create(1, 1)));
        for (byte i = 1; i < 5; i++)
        {
            clock.AdjustTime(i % 2 == 1 ? At(step) : TestStores.Start.AddSeconds(i));
            Assert.Equal(SetResult.Stored, pages.Set(Page.Create(1, i)));
            Page page = pages.Get(1);
            Assert.Equal(i, page.Content[0]);
            Assert.Equal(UpdateResult.Updated, pages.TryUpdate(page));
            Assert.Equal(UpdateResult.Updated, pages.Update(1, static p => { }));
            Assert.Equal(SetResult.Stored, pages.Set(page, pages.Get(1).Version + 1)); // compared by the version that was read
            Assert.Equal(DeleteResult.Deleted, pages.Delete(1, pages.Get(1).Version));
            Assert.False(pages.Contains(1));
            Assert.Equal(SetResult.Stored, pages.Set(Page.Create(1, i)));

            // "GetOrCreate must call its factory", also where nothing is stored
            Assert.Equal(i, pages.GetOrCreate(100 + i, id => Page.Create(id, i)).Content[0]);
            Assert.True(pages.Contains(100 + i));
            Assert.Equal(i, pages.GetOrCreate(200 + i, (id, context) =>
            {
                context.Store = false;
                return Page.Create(id, i);
            }).Content[0]);
            Assert.False(pages.Contains(200 + i));
            Assert.Equal(i, (await pages.GetOrCreateAsync(300 + i, async (id, _) =>
            {
                await Task.Yield();
                return Page.Create(id, i);
            }, Stop)).Content[0]);
            Assert.True(pages.Contains(300 + i));

            Assert.Equal(SetResult.Stored, sessions.Set(new Session { Id = Id }));
            Assert.True(sessions.Touch(Id, TimeSpan.FromMinutes(5)));
            Assert.True(sessions.Contains(Id));
            Assert.Equal(DeleteResult.Deleted, sessions.Delete(Id));
        }
    }

    /// <summary>The same under a wall clock that jumps at random: what was written last is what is read, and versions rise.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_clock_that_jumps_at_random_loses_nothing(int seed)
    {
        Random random = new(seed);
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        PageRepository pages = store.Pages();
        long last = 0;
        Dictionary<int, byte> model = [];
        for (int i = 0; i < 5000; i++)
        {
            if (random.Next(10) == 0)
                clock.AdjustTime(new DateTimeOffset(random.NextInt64(DateTimeOffset.MaxValue.Ticks), TimeSpan.Zero));
            int key = random.Next(50);
            switch (random.Next(3))
            {
                case 0:
                    _ = pages.Delete(key) is DeleteResult.Deleted;
                    model.Remove(key);
                    break;
                case 1:
                    Page made = pages.GetOrCreate(key, id => Page.Create(id, (byte)i));
                    model.TryAdd(key, (byte)i);
                    Assert.Equal(model[key], made.Content[0]);
                    break;
                default:
                    Page page = Page.Create(key, (byte)i);
                    Assert.Equal(SetResult.Stored, pages.Set(page));
                    Assert.True(page.Version > last, $"seed {seed}, step {i}");
                    last = page.Version;
                    model[key] = (byte)i;
                    break;
            }
        }
        for (int key = 0; key < 50; key++)
        {
            Assert.Equal(model.TryGetValue(key, out byte expected), pages.TryGet(key, out Page? found));
            if (found is not null)
                Assert.Equal(expected, found.Content[0]);
        }
    }
}
