using AotSmoke;
using MemStorage;

// Published with Native AOT: every step of the typed layer once, each checked. The exit code is the number of checks that failed.
int failures = 0;

void Check(string what, bool holds)
{
    Console.WriteLine($"{(holds ? "ok    " : "FAILED")} {what}");
    failures += holds ? 0 : 1;
}

using MemStore store = new(new MemStoreOptions { MaxMemoryMB = 16 });
AccountRepository accounts = store.Accounts();
Account account = new()
{
    Id = Guid.NewGuid(),
    Owner = "ada",
    Balance = 12.5m,
    Bookings = [new Booking(DateTimeOffset.UnixEpoch, 1.5m, null), new Booking(DateTimeOffset.UnixEpoch, -1, "rent")],
    Tags = new() { ["a"] = [1, 2, 3] },
    Pairs = [(1, "one"), (2, "two")],
    Dates = [new(Kind.Giro, DateTimeOffset.UnixEpoch), new(Kind.None, null)],
    Page = new Page<Booking> { Items = [new Booking(DateTimeOffset.UnixEpoch, 3, "paged")] },
    Contact = new Phone(123),
    Kinds = [Kind.Saving],
};

Check("Set stores and gives a version", accounts.Set(account, out long version) is SetResult.Stored && account.Version == version);
Account read = accounts.Get(account.Id);
Check("Get gives a fresh object", !ReferenceEquals(read, account) && read.Version == version && read.Owner == "ada" && read.Balance == 12.5m);
Check("lists, dictionaries, arrays and sets come back", read.Bookings.SequenceEqual(account.Bookings) && read.Tags["a"].SequenceEqual([1, 2, 3])
    && read.Pairs.SequenceEqual(account.Pairs) && read.Dates.SequenceEqual(account.Dates) && read.Kinds.SetEquals(account.Kinds));
Check("a generic type and a union come back", read.Page!.Items[0] == account.Page.Items[0] && read.Contact == account.Contact);
Check("GetNoCopy shares", ReferenceEquals(accounts.GetNoCopy(account.Id), accounts.GetNoCopy(account.Id)));
Check("Update changes", accounts.Update(account.Id, static a => a.Balance += 1) is UpdateResult.Updated && accounts.Get(account.Id).Balance == 13.5m);
Check("a stale update is refused", accounts.TryUpdate(read) is UpdateResult.VersionMismatch);
Check("an index finds", accounts.FindByOwner("ada").Single().Id == account.Id && accounts.FindBalanceBetween(13, 14).Count() == 1 && !accounts.FindByOwner("bob").Any());
Account loaded = await accounts.GetOrCreateAsync(Guid.NewGuid(), static (id, _) => new ValueTask<Account>(new Account { Id = id, Owner = "loaded" }));
Check("GetOrCreateAsync stores", accounts.Get(loaded.Id).Owner == "loaded" && accounts.Count == 2 && accounts.Keys().Contains(loaded.Id));

RateRepository rates = store.Rates();
Check("a struct is read in place", rates.Set(new Rate(Kind.Giro, new DateOnly(2026, 1, 2), 0.5)) is SetResult.Stored
    && rates.Read(new RateKey(Kind.Giro, new DateOnly(2026, 1, 2)), static (in Rate rate) => rate.Value) == 0.5
    && rates.Keys().Single() == new RateKey(Kind.Giro, new DateOnly(2026, 1, 2)));
Check("Delete deletes", accounts.Delete(account.Id) is DeleteResult.Deleted && !accounts.TryGet(account.Id, out _));
ShelfChecks.Run(store, Check);
MemoryReport report = store.GetMemoryReport();
Check("the memory is inside its bound", report.UsedBytes > 0 && report.UsedBytes <= report.LimitBytes);

Console.WriteLine(failures == 0 ? "All checks passed." : $"{failures} checks failed.");
return failures;
