using MemStorage;
using QuickStart.Entities;
using QuickStart.Output;

namespace QuickStart.Steps;

/// <summary>Two people read one place; the second to write is told, instead of overwriting the first.</summary>
internal static class Versions
{
    public static void Run(Screen screen, PlaceRepository places)
    {
        screen.Title("A stale write is refused");
        PlaceKey key = places.Keys().First();
        Place mine = places.Get(key);
        Place yours = places.Get(key);

        yours.Visits = 7;
        UpdateResult first = places.TryUpdate(yours);
        mine.Visits = 1000;
        UpdateResult second = places.TryUpdate(mine);
        screen.Say($"{mine.Name}: the first update is {first}, the second, with the version read before it, {second}");
        screen.Promise(first is UpdateResult.Updated && second is UpdateResult.VersionMismatch && places.Get(key).Visits == 7, $"TryUpdate refuses what was read before another write");

        SetResult late = places.Set(mine, mine.Version);
        screen.Promise(late is SetResult.Superseded && places.Get(key).Visits == 7, $"Set with an older version is {late}: nothing changed, and the caller knows");

        UpdateResult updated = places.Update(key, place => place.Visits = 0);
        screen.Promise(updated is UpdateResult.Updated && places.Get(key).Visits == 0, $"Update reads, changes and stores, again on conflict");
    }
}
