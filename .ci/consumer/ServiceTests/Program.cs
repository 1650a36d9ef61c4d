// A store that fails on demand, from the package MemStorage.Testing alone; exit code 0 when everything is as promised.
using MemoryPack;
using MemStorage;
using MemStorage.Testing;

using MemStore store = new(new MemStoreOptions { MaxMemoryMB = 8 });
NoteRepository notes = new(store);
using MemStoreFaults faults = new(store);
faults.RefuseWrites(1);
bool refused = notes.Set(new Note { Id = 1, Text = "refused" }) is SetResult.MemoryLimit;
bool stored = notes.Set(new Note { Id = 1, Text = "stored" }) is SetResult.Stored;
store.AssertInvariants();
Console.WriteLine($"refused: {refused}, then stored: {stored}");
return refused && stored && notes.Get(1).Text == "stored" ? 0 : 1;

[MemStorageEntity]
[MemoryPackable]
public sealed partial class Note
{
    [MemStorageKey]
    public required int Id { get; init; }

    public required string Text { get; init; }
}
