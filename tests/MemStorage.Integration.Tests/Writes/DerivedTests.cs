using MemoryPack;

namespace MemStorage.Integration.Tests.Writes;

/// <summary>"An instance of a derived type is refused with an ArgumentException: what it adds would be lost."</summary>
public sealed class DerivedTests
{
    [Fact]
    public void A_derived_instance_is_refused_by_every_write_and_nothing_changes()
    {
        using MemStore store = TestStores.Create();
        AnimalRepository animals = new(store);
        Animal dog = new Dog { Id = 1, Name = "d", Tricks = 3 };

        ArgumentException refused = Assert.Throws<ArgumentException>(() => animals.Set(dog));
        Assert.Contains(nameof(Dog), refused.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Animal), refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => animals.SetOrThrow(dog));
        Assert.Throws<ArgumentException>(() => animals.GetOrCreate(1, _ => dog));
        Assert.Equal(0, animals.Count);

        animals.SetOrThrow(new Animal { Id = 1, Name = "a" });
        Assert.Throws<ArgumentException>(() => animals.TryUpdate(dog, 1, out _));
        Assert.Equal("a", animals.Get(1).Name);
    }
}

[MemStorageEntity, MemoryPackable]
public partial class Animal
{
    [MemStorageKey]
    public int Id { get; init; }

    public string? Name { get; set; }
}

/// <summary>No entity.</summary>
public sealed class Dog : Animal
{
    public int Tricks { get; set; }
}
