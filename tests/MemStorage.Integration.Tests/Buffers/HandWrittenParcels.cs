using System.Diagnostics.CodeAnalysis;
using MemStorage.Tests.Pools;

namespace MemStorage.Integration.Tests.Buffers;

/// <summary>A repository that a stranger has written around a generated one: only what the base leaves open, and foreign code itself.</summary>
public sealed class HandWrittenParcels(ParcelRepository inner) : CustomRepository<string, Parcel>
{
    public override MemStore Store => inner.Store;

    public override KeySpace KeySpace => inner.KeySpace;

    public override bool TryGet(string key, [MaybeNullWhen(false)] out Parcel entity)
    {
        ForeignCode.Run();
        return inner.TryGet(key, out entity);
    }

    public override bool TryGetInfo(string key, out EntityInfo info)
    {
        ForeignCode.Run();
        return inner.TryGetInfo(key, out info);
    }

    public override SetResult Set(Parcel entity, in EntitySetOptions options, out long version)
    {
        ForeignCode.Run();
        return inner.Set(entity, options, out version);
    }

    public override UpdateResult TryUpdate(Parcel entity, out long version)
    {
        ForeignCode.Run();
        return inner.TryUpdate(entity, out version);
    }

    public override UpdateResult TryUpdate(Parcel entity, long expectedVersion, out long version)
    {
        ForeignCode.Run();
        return inner.TryUpdate(entity, expectedVersion, out version);
    }

    public override DeleteResult Delete(string key)
    {
        ForeignCode.Run();
        return inner.Delete(key);
    }

    public override DeleteResult Delete(string key, long version) => inner.Delete(key, version);

    public override bool Touch(string key, TimeSpan timeToLive) => inner.Touch(key, timeToLive);

    public override ValueTask<Parcel> GetOrCreateAsync<TState>(
        string key, TState state, Func<string, TState, LoadContext, CancellationToken, ValueTask<Parcel>> factory, CancellationToken cancellationToken = default)
    {
        ForeignCode.Run();
        return inner.GetOrCreateAsync(key, state, factory, cancellationToken);
    }

    public override IEnumerable<string> Keys()
    {
        foreach (string key in inner.Keys())
        {
            ForeignCode.Run();
            yield return key;
        }
    }
}
