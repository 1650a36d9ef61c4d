using System.Numerics;
using MemStorage.Tests.Pools;
using MemStorage.Typed;

namespace MemStorage.Integration.Tests.Buffers;

// The cases of repositories that are written by hand, and of the members that stand beside the interface.
public sealed partial class RuntimeBufferTests
{
    private delegate TResult OfRepository<TResult>(IMemStorageRepository<string, Parcel> repository, string[] keys);

    // as a language calls them that knows no spans of params
    private static readonly OfRepository<IReadOnlyList<Parcel>> s_getManyOfArray = OfArray<OfRepository<IReadOnlyList<Parcel>>>(nameof(MemStorageRepositoryExtensions.GetMany));
    private static readonly OfRepository<int> s_deleteManyOfArray = OfArray<OfRepository<int>>(nameof(MemStorageRepositoryExtensions.DeleteMany));

    private static readonly Func<ParcelRepository, string[], IReadOnlyList<Parcel>> s_getManyOfKeys =
        typeof(ParcelRepository).GetMethod(nameof(ParcelRepository.GetMany), [typeof(string[])])!.CreateDelegate<Func<ParcelRepository, string[], IReadOnlyList<Parcel>>>();

    private static readonly Func<ParcelRepository, string[], int> s_deleteManyOfKeys =
        typeof(ParcelRepository).GetMethod(nameof(ParcelRepository.DeleteMany), [typeof(string[])])!.CreateDelegate<Func<ParcelRepository, string[], int>>();

    private static TDelegate OfArray<TDelegate>(string method)
        where TDelegate : Delegate =>
        typeof(MemStorageRepositoryExtensions).GetMethods().Single(m => m.Name == method && m.GetParameters()[1].ParameterType.IsArray)
            .MakeGenericMethod(typeof(string), typeof(Parcel)).CreateDelegate<TDelegate>();

    private static (string Methods, Action<Scene> Call)[] HandWrittenCases() =>
    [
        ("MemStorageRepository.GetMany/3", static s => _ = s_getManyOfKeys(s.Parcels, [s.Key, "key"])),
        ("MemStorageRepository.DeleteMany/3", static s => _ = s_deleteManyOfKeys(s.Parcels, ["key", s.Key])),
        ("CustomRepository.Set/6", static s => _ = s.HandWritten.Set(s.Parcel())),
        ("CustomRepository.Set/6", static s =>
        {
            Parcel parcel = s.Parcel();
            _ = s.HandWritten.Set(ref parcel);
        }),
        ("CustomRepository.Set/6", static s => _ = s.HandWritten.Set(s.Parcel(), out _)),
        ("CustomRepository.Set/6", static s => _ = s.HandWritten.Set(s.Parcel(), 5)),
        ("CustomRepository.Set/6", static s => _ = s.HandWritten.Set(s.Parcel(), -5)),
        ("CustomRepository.Set/6", static s => _ = s.HandWritten.Set(s.Parcel(), TimeSpan.FromMinutes(1))),
        ("CustomRepository.Set/6", static s => _ = s.HandWritten.Set(s.Parcel(), s_now.AddMinutes(1))),
        ("CustomRepository.SetOrThrow/1", static s => _ = s.HandWritten.SetOrThrow(s.Parcel())),
        ("CustomRepository.SetMany/1", static s => _ = s.HandWritten.SetMany([s.Parcel(), s.Parcel()])),
        ("CustomRepository.SetMany/1", static s => _ = s.HandWritten.SetMany([s.Parcel(), null!])),
        ("CustomRepository.Get/1", static s => AssertSame(s.Value, s.HandWritten.Get(s.Key).Content)),
        ("CustomRepository.GetNoCopy/1", static s => Assert.Equal(s.Key, s.HandWritten.GetNoCopy(s.Key).Id)),
        ("CustomRepository.TryGetNoCopy/1", static s =>
        {
            if (s.HandWritten.TryGetNoCopy(s.Key, out Parcel? parcel))
                AssertSame(s.Value, parcel.Content);
        }),
        ("CustomRepository.Contains/1", static s => _ = s.HandWritten.Contains(s.Key)),
        ("CustomRepository.GetMany/1", static s => Assert.All(s.HandWritten.GetMany([s.Key, "key", s.Key]), p => Assert.True(p.Id == s.Key || p.Id == "key"))),
        ("CustomRepository.All/1", static s => Assert.All(s.HandWritten.All(), static p => Assert.Equal(-1, p.Content.AsSpan().IndexOf(PoolWatch.Poison)))),
        ("CustomRepository.TryUpdate/1", static s => _ = s.HandWritten.TryUpdate(s.Parcel())),
        ("CustomRepository.Update/3", static s => _ = s.HandWritten.Update(s.Key, static parcel =>
        {
            ForeignCode.Run();
            parcel.Weight++;
        })),
        ("CustomRepository.Update/3", static s => _ = s.HandWritten.Update(s.Key, static Parcel (parcel) => null!)),
        ("CustomRepository.Update/3", static s => _ = s.HandWritten.Update(s.Key, s.Key, static (parcel, _) =>
        {
            ForeignCode.Run();
            return parcel;
        })),
        ("CustomRepository.GetOrCreate/2", static s => AssertSame(s.Value, s.HandWritten.GetOrCreate(s.Key, _ => Made(s)).Content)),
        ("CustomRepository.GetOrCreate/2", static s => _ = s.HandWritten.GetOrCreate(s.Key, (_, context) =>
        {
            context.TimeToLive = TimeSpan.FromMinutes(1);
            return Made(s);
        })),
        ("CustomRepository.DeleteMany/1", static s => _ = s.HandWritten.DeleteMany(["key", s.Key])),
        ("CustomRepository.GetOrCreateAsync/2", static s => _ = Wait(s.HandWritten.GetOrCreateAsync(s.Key, ValueTask<Parcel> (_, _) => new(Made(s)), default))),
        ("CustomRepository.GetOrCreateAsync/2", static s => _ = Wait(s.HandWritten.GetOrCreateAsync(s.Key, ValueTask<Parcel> (_, _, _) => new(Made(s)), default))),
        .. ExtensionCases(static s => s.HandWritten),
        .. ExtensionCases(static s => s.Parcels),

        ("UnindexedSearch.Equal/1", static s => Assert.All(UnindexedSearch.Equal(s.Parcels.All(), static p => p.Place, s.Key), p => Assert.Equal(s.Key, p.Place))),
        ("UnindexedSearch.Equal/1", static s => Assert.Empty(UnindexedSearch.Equal(s.Parcels.All(), static p => p.Place, null))),
        ("UnindexedSearch.Between/1", static s => _ = UnindexedSearch.Between(s.HandWritten.All(), static p => p.Place, "", s.Key).Count()),
        ("UnindexedSearch.Between/1", static s => _ = UnindexedSearch.Between(s.HandWritten.All(), static p => p.Weight, BigInteger.Zero, BigInteger.Abs(new BigInteger(s.Value.Length))).Count()),
    ];

    /// <summary>On a repository that takes spans, and on one that does not.</summary>
    private static (string Methods, Action<Scene> Call)[] ExtensionCases(Func<Scene, IMemStorageRepository<string, Parcel>> of) =>
    [
        ("MemStorageRepositoryExtensions.GetOrCreateAsync/3", s => _ = Wait(of(s).GetOrCreateAsync(s.Key, Task<Parcel> (_, _) => Task.FromResult(Made(s)), default))),
        ("MemStorageRepositoryExtensions.GetOrCreateAsync/3", s => _ = Wait(of(s).GetOrCreateAsync(s.Key, Task<Parcel> (_, _) => null!, default))),
        ("MemStorageRepositoryExtensions.GetOrCreateAsync/3", s => _ = Wait(of(s).GetOrCreateAsync(s.Key, Task<Parcel> (_, context, _) =>
        {
            context.TimeToLive = TimeSpan.FromMinutes(1);
            return Task.FromResult(Made(s));
        }, default))),
        ("MemStorageRepositoryExtensions.GetOrCreateAsync/3", s => _ = Wait(of(s).GetOrCreateAsync(s.Key, s, static Task<Parcel> (_, scene, _, _) => Task.FromResult(Made(scene)), default))),
        ("MemStorageRepositoryExtensions.GetMany/2", s => Assert.All(of(s).GetMany(s.Key, "key", s.Key), p => AssertSame(s.Value, p.Content))),
        ("MemStorageRepositoryExtensions.GetMany/2", s => Assert.All(s_getManyOfArray(of(s), [s.Key, "key"]), p => AssertSame(s.Value, p.Content))),
        ("MemStorageRepositoryExtensions.DeleteMany/2", s => _ = of(s).DeleteMany("key", s.Key)),
        ("MemStorageRepositoryExtensions.DeleteMany/2", s => _ = s_deleteManyOfArray(of(s), ["key", s.Key])),
    ];
}
