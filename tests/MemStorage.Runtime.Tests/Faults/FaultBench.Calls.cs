using System.Globalization;
using System.Text;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Faults;

internal sealed partial class FaultBench
{
    private int _round;
    private int _sets;
    private int _deletes;

    /// <summary>What has to be so for the call to have something to do.</summary>
    private void Before(FaultyCall call)
    {
        if (call is FaultyCall.Sweep or FaultyCall.Drain)
            _clock.Inner.Advance(TimeSpan.FromSeconds(5));
        if (call == FaultyCall.FirstRepository)
            _ = Store.GetKeySpace("Another"); // an entity's space that nobody has made a repository for
    }

    private void Make(FaultyCall call)
    {
        _round++;
        (_sets, _deletes) = (0, 0);
        switch (call)
        {
            case FaultyCall.SetNew:
                Set("new", 100);
                break;
            case FaultyCall.SetSameLength:
                Set("present", 100);
                break;
            case FaultyCall.SetLonger:
                Set("present", 200);
                break;
            case FaultyCall.SetLarge:
                Set("new large", LargeLength);
                break;
            case FaultyCall.OverwriteLarge:
                Set("present large", LargeLength + 100);
                break;
            case FaultyCall.LargeToSmall:
                Set("present large", 100);
                break;
            case FaultyCall.SmallToLarge:
                Set("present", LargeLength);
                break;
            case FaultyCall.SetManySmall:
                for (int i = 0; i < 60; i++)
                    Set("many" + i, 100);
                break;
            case FaultyCall.SetManyLarge:
                for (int i = 0; i < 24; i++)
                    Set("many large" + i, LargeLength - 700 + 100 * (i % 8));
                break;
            case FaultyCall.SetInNewSpace:
                SetInNewSpace();
                break;
            case FaultyCall.DeletePresent:
                Delete("present");
                break;
            case FaultyCall.DeleteAbsent:
                Delete("never");
                break;
            case FaultyCall.DeleteLarge:
                Delete("present large");
                break;
            case FaultyCall.Touch:
                Touch("present", 100);
                break;
            case FaultyCall.TouchLarge:
                Touch("present large", LargeLength);
                break;
            case FaultyCall.ApplySet:
                Apply("present", OpType.OpSet);
                break;
            case FaultyCall.ApplyDelete:
                Apply("present", OpType.OpDelete);
                break;
            case FaultyCall.ApplyUnknownSpace:
                Apply("\u0001AbCdEfapplied", OpType.OpSet);
                break;
            case FaultyCall.Clear:
                Store.Clear();
                Unwatched(() => Assert.Empty(Image()));
                break;
            case FaultyCall.Sweep:
                Store.SweepExpired();
                break;
            case FaultyCall.Drain:
                Store.Engine.Background.EvictToTarget();
                break;
            case FaultyCall.SyncBuffer:
                SyncBuffer buffer = Store.GetSyncBuffer();
                // a call that failed must not have taken what it read
                Assert.True(buffer.LostOperations > 0 || _round > 2 || _drained || buffer.Operations.Any(static o => o.Key == "changed"), "The feed has lost a change silently.");
                _drained = true;
                break;
            case FaultyCall.ReadIntoWriter:
                Assert.True(_observed.TryGet("o1"u8, new FaultyWriter(_faults), out _) || Evicts);
                break;
            case FaultyCall.ObservedSet:
                ObservedSet("o1");
                break;
            case FaultyCall.ObservedDelete:
                ObservedDelete("o1");
                break;
            case FaultyCall.Close:
                Store.Dispose();
                break;
            default:
                MakeTyped(call);
                break;
        }
    }

    private bool _drained;

    private void MakeTyped(FaultyCall call)
    {
        _changesNothingElse = false; // what a typed call counts depends on how far it came
        switch (call)
        {
            case FaultyCall.TypedSet:
                TypedSet(50, "new");
                break;
            case FaultyCall.TypedMove:
                TypedSet(1, "moved");
                break;
            case FaultyCall.TypedDelete:
                _ = _items.Delete(1);
                Report(1);
                break;
            case FaultyCall.TypedUpdate:
                _ = _items.Update(1, item =>
                {
                    _faults.Foreign("update");
                    item.Group = "moved";
                });
                Report(1);
                break;
            case FaultyCall.TypedCreate:
                Create();
                break;
            case FaultyCall.TypedCreateNested:
                _ = _items.GetOrCreate(177, key =>
                {
                    Create();
                    return new FaultyItem { Id = key, Group = "new" };
                });
                Report(177);
                break;
            case FaultyCall.TypedFind:
                Assert.Equal(_items.All().Count(static i => i.Group == "g1"), _items.FindByGroup("g1").Count());
                break;
            case FaultyCall.FirstRepository:
                _items = new FaultyItems(Store); // another object, the same shared state
                Assert.True(new OtherItems(Store).Set(new FaultyItem { Id = 3, Group = "other" }) is SetResult.Stored or SetResult.MemoryLimit);
                ReportOf(OtherItems.Name, 3);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(call), call, null);
        }
    }

    private void Create()
    {
        FaultyItem item = _items.GetOrCreate(77, key =>
        {
            _faults.Foreign("factory");
            return new FaultyItem { Id = key, Group = "new", Faults = _faults };
        });
        Assert.Equal(77, item.Id);
        Report(77);
    }

    private void TypedSet(int id, string group)
    {
        SetResult result = _items.Set(new FaultyItem { Id = id, Group = group, Body = new byte[40 + _round], Faults = _faults });
        if (result == SetResult.Stored)
            Report(id);
    }

    private void Report(int id) => ReportOf(_items.KeySpace.Name, id);

    /// <summary>Typed calls are checked by their effect: what is stored under the key now was reported.</summary>
    private void ReportOf(string space, int id)
    {
        Unwatched(() =>
        {
            string key = Encoding.ASCII.GetString(Store.GetKeySpace(space).Prefix) + id.ToString(CultureInfo.InvariantCulture);
            if (Image().TryGetValue(key, out string? value))
                (_reported[key], _last) = (value, key);
        });
    }

    /// <summary>What a test looks at in the middle of a call is no point of the call.</summary>
    private void Unwatched(Action action)
    {
        using (_faults.Pause())
            action();
    }

    private void Set(string key, int length)
    {
        byte[] value = Payload.Create(7, _round, length);
        SetResult result = Store.Set(key, new StoredItem(value));
        _sets++;
        if (result == SetResult.Stored)
            (_reported[key], _last) = (Words(value), key);
        else
            Assert.Equal(FaultyLayout.Refusing, _layout);
    }

    private void SetInNewSpace()
    {
        KeySpace space = Store.GetKeySpace("another " + _round);
        for (int i = 0; i < 5; i++)
            space = Store.GetKeySpace("another one " + i);
        SetResult result = space.Set("k"u8, "value"u8);
        _sets++;
        if (result == SetResult.Stored)
            _reported[Encoding.ASCII.GetString(space.Prefix) + "k"] = Words("value"u8);
    }

    private void Delete(string key)
    {
        _ = Store.Delete(key);
        _deletes++;
        _reported[key] = Tombstone;
    }

    private void Touch(string key, int length)
    {
        bool touched = Store.Touch(Encoding.UTF8.GetBytes(key), _clock.Inner.GetUtcNow().AddHours(_round).ToUnixTimeMilliseconds());
        Assert.True(touched || (Evicts && !Image().ContainsKey(key)) || length == 100, $"'{key}' could not be touched.");
    }

    private void Apply(string key, OpType type)
    {
        byte[] value = Payload.Create(9, _round, 120);
        long version;
        using (_faults.Pause())
            version = Store.Clock.Next();
        SetResult result = Store.Apply(new SyncOperation(key, type, new StoredItem(type == OpType.OpSet ? value : [], version), 2));
        _sets++;
        if (result == SetResult.Stored)
            _reported[key] = type == OpType.OpSet ? Words(value) : Tombstone;
    }

    private void ObservedSet(string key)
    {
        byte[] value = Payload.Create(3, _round, 40);
        SetResult result = _observed.Set(Encoding.UTF8.GetBytes(key), value);
        _sets++;
        if (result == SetResult.Stored)
            _reported[Encoding.ASCII.GetString(_observed.Prefix) + key] = Words(value);
    }

    private void ObservedDelete(string key)
    {
        _ = _observed.Delete(Encoding.UTF8.GetBytes(key));
        _deletes++;
        _reported[Encoding.ASCII.GetString(_observed.Prefix) + key] = Tombstone;
    }
}
