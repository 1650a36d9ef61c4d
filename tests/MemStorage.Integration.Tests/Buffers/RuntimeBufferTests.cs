using System.Buffers;
using System.Numerics;
using System.Text;
using MemoryPack;
using MemStorage.Tests.Pools;
using MemStorage.Typed;
using MemStorage.Versions;

namespace MemStorage.Integration.Tests.Buffers;

/// <summary>Tests that watch the pool of the whole process: they run after all others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PoolWatchers
{
    public const string Name = "Watches the shared pool";
}

/// <summary>
/// "No buffer is returned twice, none is used after": every public method of the runtime, and the generated ones, under the eyes of <see cref="PoolWatch"/>, with keys and sizes that
/// a stranger may send, on open, full, compressing and closed stores, and with foreign code that throws at every call it gets.
/// </summary>
[Collection(PoolWatchers.Name)]
public sealed partial class RuntimeBufferTests : IDisposable
{
    private const int MostForeignCalls = 40;

    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>What one case is run with.</summary>
    private sealed class Scene(MemStore store, string key, byte[] value)
    {
        public MemStore Store { get; } = store;

        public string Key { get; } = key;

        public byte[] Bytes { get; } = Encoding.UTF8.GetBytes(key);

        public byte[] Value { get; } = value;

        public KeySpace Space { get; set; } = null!;

        public ParcelRepository Parcels { get; set; } = null!;

        public HandWrittenParcels HandWritten { get; set; } = null!;

        public StampRepository Stamps { get; set; } = null!;

        public Parcel Parcel() => new() { Id = Key, Place = Key, Weight = new BigInteger(Value.AsSpan(0, Math.Min(Value.Length, 5_000))), Content = Value };

        public ReadOnlySequence<byte> Pieces()
        {
            Piece first = new(Value.AsMemory(0, Value.Length / 2));
            return new ReadOnlySequence<byte>(first, 0, first.Add(Value.AsMemory(Value.Length / 2)), Value.Length - (Value.Length / 2));
        }
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Piece Add(ReadOnlyMemory<byte> memory)
        {
            Piece next = new(memory) { RunningIndex = Memory.Length };
            Next = next;
            return next;
        }
    }

    private static readonly (string Methods, Action<Scene> Call)[] s_cases =
    [
        ("KeySpace.Set/3", static s => _ = s.Space.Set(s.Bytes, s.Value)),
        ("KeySpace.Set/3", static s => _ = s.Space.Set(s.Bytes, s.Value, s_now.AddHours(1), out _)),
        ("KeySpace.Set/3", static s => _ = s.Space.Set(s.Bytes, s.Pieces())),
        ("KeySpace.TryGet/2", static s =>
        {
            byte[] room = new byte[4_096];
            if (s.Space.TryGet(s.Bytes, room, out int length, out _) && length <= room.Length)
                AssertSame(s.Value, room.AsSpan(0, length));
        }),
        ("KeySpace.TryGet/2", static s => _ = s.Space.TryGet(s.Bytes, [], out _, out _)),
        ("KeySpace.TryGet/2", static s =>
        {
            ForeignWriter writer = new();
            if (s.Space.TryGet(s.Bytes, writer, out _))
                AssertSame(s.Value, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(writer.Written));
        }),
        ("KeySpace.TryGetInfo/1", static s => _ = s.Space.TryGetInfo(s.Bytes, out _)),
        ("KeySpace.Touch/1", static s => _ = s.Space.Touch(s.Bytes, s_now.AddHours(1))),
        ("KeySpace.Delete/1", static s => _ = s.Space.Delete(s.Bytes)),
        ("KeySpace.Keys/1", static s => Assert.All(s.Space.Keys(), static k => Assert.Equal(-1, k.AsSpan().IndexOf(PoolWatch.Poison)))),
        ("KeySpace.Stats/1", static s => _ = s.Space.Stats()),

        ("MemStore.Set/5", static s => _ = s.Store.Set(s.Bytes.AsSpan(), s.Value)),
        ("MemStore.Set/5", static s => _ = s.Store.Set(s.Key.AsSpan(), s.Value)),
        ("MemStore.Set/5", static s => _ = s.Store.Set(s.Key.AsSpan(), s.Value, out _)),
        ("MemStore.Set/5", static s => _ = s.Store.Set(s.Key, new StoredItem(s.Value))),
        ("MemStore.Set/5", static s => _ = s.Store.Set(s.Key, new StoredItem(s.Value), out _)),
        ("MemStore.SetOrThrow/1", static s => _ = s.Store.SetOrThrow(s.Key, new StoredItem(s.Value))),
        ("MemStore.Get/1", static s => AssertSame(s.Value, s.Store.Get(s.Key).Value.Span)),
        ("MemStore.TryGet/3", static s => _ = s.Store.TryGet(s.Key, out _)),
        ("MemStore.TryGet/3", static s =>
        {
            byte[] room = new byte[4_096];
            if (s.Store.TryGet(s.Key.AsSpan(), room, out int length, out _) && length <= room.Length)
                AssertSame(s.Value, room.AsSpan(0, length));
        }),
        ("MemStore.TryGet/3", static s => _ = s.Store.TryGet(s.Bytes.AsSpan(), [], out _, out _)),
        ("MemStore.GetNoCopy/1", static s => AssertSame(s.Value, s.Store.GetNoCopy(s.Key).Value.Span)),
        ("MemStore.TryGetNoCopy/3", static s => _ = s.Store.TryGetNoCopy(s.Key, out _)),
        ("MemStore.TryGetNoCopy/3", static s => _ = s.Store.TryGetNoCopy(s.Key.AsSpan(), out _)),
        ("MemStore.TryGetNoCopy/3", static s => _ = s.Store.TryGetNoCopy(s.Bytes.AsSpan(), out _)),
        ("MemStore.BatchGet/2", static s => Assert.All(s.Store.BatchGet([s.Key, "key", s.Key]), pair => Assert.Equal(-1, pair.Value.Value.Span.IndexOf(PoolWatch.Poison)))),
        ("MemStore.BatchGet/2", static s => _ = s.Store.BatchGet([s.Key, "key", s.Key], new byte[5_000], new Range[3], new ItemInfo[3])),
        ("MemStore.BatchGetNoCopy/1", static s => _ = s.Store.BatchGetNoCopy([s.Key, "key"])),
        ("MemStore.BatchSet/1", static s => _ = s.Store.BatchSet([new("key", new StoredItem(s.Value)), new(s.Key, new StoredItem(s.Value))])),
        ("MemStore.Delete/3", static s => _ = s.Store.Delete(s.Key)),
        ("MemStore.Delete/3", static s => _ = s.Store.Delete(s.Key, s_now.ToUnixTimeMilliseconds() << 16)),
        ("MemStore.Delete/3", static s => _ = s.Store.Delete(s.Key, s_now.ToUnixTimeMilliseconds() << 16, out _)),
        ("MemStore.DeleteOrThrow/1", static s => s.Store.DeleteOrThrow(s.Key, s_now.ToUnixTimeMilliseconds() << 16)),
        ("MemStore.Apply/1", static s => _ = s.Store.Apply(new SyncOperation(s.Key, OpType.OpSet, new StoredItem(s.Value, s_now.ToUnixTimeMilliseconds() << 16), 3))),
        ("MemStore.Apply/1", static s => _ = s.Store.Apply(new SyncOperation(s.Key, OpType.OpDelete, new StoredItem([], s_now.ToUnixTimeMilliseconds() << 16), 3))),
        ("MemStore.Snapshot/1", static s => _ = s.Store.Snapshot().Sum(static o => o.Item.Value.Length)),
        ("MemStore.GetSyncBuffer/1", static s => _ = s.Store.GetSyncBuffer()),
        ("MemStore.Keys/1", static s => _ = s.Store.Keys().Count()),
        ("MemStore.GetKeySpace/1", static s => _ = s.Store.GetKeySpace(s.Key)),
        ("MemStore.GetRepository/1", static s => _ = s.Store.GetRepository(static store => new ParcelRepository(store))),
        ("MemStore.GetMemoryReport/1", static s => _ = s.Store.GetMemoryReport()),
        ("MemStore.Stats/1", static s => _ = s.Store.Stats()),
        ("MemStore.ValidateInvariants/1", static s => s.Store.ValidateInvariants()),
        ("MemStoreOptions.GetFaults/1", static s => _ = new MemStoreOptions { Name = s.Key, TimeProvider = s.Store.TimeProvider, MaxMemoryBytes = -s.Value.Length, SegmentBytes = 3 }.GetFaults()),
        ("MemStore.SweepExpired/1", static s => s.Store.SweepExpired()),
        ("MemStore.StartAsync/1", static s => s.Store.StartAsync().GetAwaiter().GetResult()),
        ("ChangeFeed.Read/1", static s => _ = s.Store.Changes.Read(s.Store.Changes.Oldest, 100, s.Value.Length)),
        ("ChangeFeed.ReadAsync/1", static s =>
        {
            using CancellationTokenSource stop = new();
            IAsyncEnumerator<ChangeBatch> batches = s.Store.Changes.ReadAsync(s.Store.Changes.Oldest, cancellationToken: stop.Token).GetAsyncEnumerator(stop.Token);
            ValueTask<bool> next = batches.MoveNextAsync();
            stop.Cancel();
            _ = next.AsTask().GetAwaiter().GetResult();
        }),

        ("MemStorageRepository.Set/7", static s => _ = s.Parcels.Set(s.Parcel())),
        ("MemStorageRepository.Set/7", static s =>
        {
            Parcel parcel = s.Parcel();
            _ = s.Parcels.Set(ref parcel);
        }),
        ("MemStorageRepository.Set/7", static s => _ = s.Parcels.Set(s.Parcel(), out _)),
        ("MemStorageRepository.Set/7", static s => _ = s.Parcels.Set(s.Parcel(), 5)),
        ("MemStorageRepository.Set/7", static s => _ = s.Parcels.Set(s.Parcel(), TimeSpan.FromMinutes(1))),
        ("MemStorageRepository.Set/7", static s => _ = s.Parcels.Set(s.Parcel(), s_now.AddMinutes(1))),
        ("MemStorageRepository.Set/7", static s => _ = s.Parcels.Set(s.Parcel(), new EntitySetOptions { OnlyIfAbsent = true }, out _)),
        ("MemStorageRepository.SetOrThrow/1", static s => _ = s.Parcels.SetOrThrow(s.Parcel())),
        ("MemStorageRepository.SetMany/1", static s => _ = s.Parcels.SetMany([s.Parcel(), s.Parcel()])),
        ("MemStorageRepository.Get/1", static s => AssertSame(s.Value, s.Parcels.Get(s.Key).Content)),
        ("MemStorageRepository.TryGet/1", static s =>
        {
            if (s.Parcels.TryGet(s.Key, out Parcel? parcel))
                AssertSame(s.Value, parcel.Content);
        }),
        ("MemStorageRepository.GetNoCopy/1", static s => Assert.Equal(s.Key, s.Parcels.GetNoCopy(s.Key).Id)),
        ("MemStorageRepository.TryGetNoCopy/1", static s => _ = s.Parcels.TryGetNoCopy(s.Key, out _)),
        ("MemStorageRepository.TryGetInfo/1", static s => _ = s.Parcels.TryGetInfo(s.Key, out _)),
        ("MemStorageRepository.Contains/1", static s => _ = s.Parcels.Contains(s.Key)),
        ("MemStorageRepository.GetMany/3", static s => Assert.All(s.Parcels.GetMany(s.Key, "key", s.Key), p => Assert.True(p.Id == s.Key || p.Id == "key"))),
        ("MemStorageRepository.GetMany/3", static s => _ = s.Parcels.GetMany((IEnumerable<string>)[s.Key, "key"])),
        ("MemStorageRepository.DeleteMany/3", static s => _ = s.Parcels.DeleteMany("key", s.Key)),
        ("MemStorageRepository.DeleteMany/3", static s => _ = s.Parcels.DeleteMany((IEnumerable<string>)["key", s.Key])),
        ("MemStorageRepository.Delete/2", static s => _ = s.Parcels.Delete(s.Key)),
        ("MemStorageRepository.Delete/2", static s => _ = s.Parcels.Delete(s.Key, 7)),
        ("MemStorageRepository.DeleteOrThrow/1", static s => s.Parcels.DeleteOrThrow(s.Key, 7)),
        ("MemStorageRepository.Touch/1", static s => _ = s.Parcels.Touch(s.Key, TimeSpan.FromMinutes(1))),
        ("MemStorageRepository.Keys/1", static s => _ = s.Parcels.Keys().Count()),
        ("MemStorageRepository.All/1", static s => _ = s.Parcels.All().Count()),
        ("MemStorageRepository.FindByIndex/1", static s => _ = s.Parcels.FindByPlace(s.Key).Count()),
        ("MemStorageRepository.FindByIndex/1", static s => _ = s.Parcels.FindByPlace(null).Count()),
        ("MemStorageRepository.FindByIndexBetween/1", static s => _ = s.Parcels.FindPlaceBetween("", s.Key).Count()),
        ("MemStorageRepository.TryUpdate/3", static s => _ = s.Parcels.TryUpdate(s.Parcel())),
        ("MemStorageRepository.TryUpdate/3", static s => _ = s.Parcels.TryUpdate(s.Parcel(), out _)),
        ("MemStorageRepository.TryUpdate/3", static s => _ = s.Parcels.TryUpdate(s.Parcel(), 7, out _)),
        ("MemStorageRepository.Update/3", static s => _ = s.Parcels.Update(s.Key, static parcel =>
        {
            ForeignCode.Run();
            parcel.Weight++;
        })),
        ("MemStorageRepository.Update/3", static s => _ = s.Parcels.Update(s.Key, s.Key, static (parcel, _) =>
        {
            ForeignCode.Run();
            return parcel;
        })),
        ("MemStorageRepository.Update/3", static s => _ = s.Parcels.Update(s.Key, static Parcel (parcel) => null!)),
        ("MemStorageRepository.GetOrCreate/2", static s => AssertSame(s.Value, s.Parcels.GetOrCreate(s.Key, _ => Made(s)).Content)),
        ("MemStorageRepository.GetOrCreate/2", static s => _ = s.Parcels.GetOrCreate(s.Key, (_, context) =>
        {
            context.TimeToLive = TimeSpan.FromMinutes(1);
            return Made(s);
        })),
        ("MemStorageRepository.GetOrCreateAsync/3", static s => _ = Wait(s.Parcels.GetOrCreateAsync(s.Key, (_, _) => new ValueTask<Parcel>(Made(s)), default))),
        ("MemStorageRepository.GetOrCreateAsync/3", static s => _ = Wait(s.Parcels.GetOrCreateAsync(s.Key, (_, _, _) => new ValueTask<Parcel>(Made(s)), default))),
        ("MemStorageRepository.GetOrCreateAsync/3", static s => _ = Wait(s.Parcels.GetOrCreateAsync(s.Key, s, static (_, scene, _, _) => new ValueTask<Parcel>(Made(scene)), default))),
        ("MemStorageRepository.TryReadBytes/1", static s => _ = s.Parcels.TryReadBytes(s.Key, s, static (payload, scene) =>
        {
            ForeignCode.Run();
            Assert.True(payload.IndexOf(scene.Value) >= 0);
            return payload.Length;
        }, out int _)),
        ("MemStorageUnmanagedRepository.Read/2", static s => _ = s.Stamps.Read(new(s.Value.Length, 1), static (in Stamp stamp) => Look(stamp))),
        ("MemStorageUnmanagedRepository.Read/2", static s => _ = s.Stamps.Read(new(s.Value.Length, 1), s, static (in Stamp stamp, Scene _) => Look(stamp))),
        ("MemStorageUnmanagedRepository.TryRead/1", static s => _ = s.Stamps.TryRead(new(s.Value.Length, 1), s, static (in Stamp stamp, Scene _) => Look(stamp), out long _)),
        ("MemStorageUnmanagedRepository.TryRead/1", static s => _ = s.Stamps.Set(new Stamp(s.Value.Length, 1, 2))),

        ("StoredItem.Clone/1 StoredItem.Copy/1 StoredItem.DeepCopy/1 StoredItem.WithTTL/1 StoredItem.WithVersion/1 StoredItem.CompareVersion/1 StoredItem.ResolveConflict/1 StoredItem.IsExpired/1", static s =>
        {
            StoredItem item = new(s.Value, 1, null, s.Key);
            _ = (item.Clone(), item.Copy(), item.DeepCopy(), item.WithTTL(TimeSpan.FromSeconds(1), s.Store.TimeProvider), item.WithVersion(2));
            _ = (item.CompareVersion(null), item.ResolveConflict(item.WithVersion(2), s.Store.TimeProvider), item.IsExpired(s.Store.TimeProvider));
        }),
        ("HybridLogicalClock.Next/1 HybridLogicalClock.TryObserve/1 HybridLogicalClock.TimeOf/1", static s =>
        {
            HybridLogicalClock clock = new(s.Store.TimeProvider);
            _ = (clock.Next(), clock.TryObserve(5), HybridLogicalClock.TimeOf(5));
        }),
        ("KeyWriter.Write/21 KeyWriter.WriteSeparator/1 KeyReader.TryRead/20 KeyReader.TryReadSeparator/1", static s => WriteAll(s)),
        ("IndexKeyWriter.Write/23 IndexKeyWriter.WriteNull/1 IndexKeyWriter.WriteNotNull/1", static s => IndexAll(s)),
        ("BigIntegerFormatter.Serialize/1 BigIntegerFormatter.Deserialize/1", static s =>
        {
            BigInteger number = new(s.Value);
            ForeignWriter target = new();
            using MemoryPackWriterOptionalState state = MemoryPackWriterOptionalStatePool.Rent(null);
            MemoryPackWriter<ForeignWriter> writer = new(ref target, state);
            new BigIntegerFormatter().Serialize(ref writer, ref number);
            writer.Flush();
            using MemoryPackReaderOptionalState read = MemoryPackReaderOptionalStatePool.Rent(null);
            MemoryPackReader reader = new(target.Written.ToArray(), read);
            BigInteger again = default;
            new BigIntegerFormatter().Deserialize(ref reader, ref again);
            Assert.Equal(number, again);
        }),
        ("Serializers.Replace/1 Serializers.TryRegister/1 Serializers.Register/1", static _ =>
        {
            Serializers.Replace(new BigIntegerFormatter());
            Serializers.TryRegister(new BigIntegerFormatter());
            Serializers.Register<Parcel>();
        }),
        .. HandWrittenCases(),
        ("MemStore.Clear/1", static s => s.Store.Clear()),
        ("MemStore.CloseAsync/1", static s => s.Store.CloseAsync().GetAwaiter().GetResult()),
        ("MemStore.Dispose/1", static s => s.Store.Dispose()),
        ("MemStore.DisposeAsync/1", static s => s.Store.DisposeAsync().AsTask().GetAwaiter().GetResult()),
    ];

    /// <summary>"A new public method without a case fails the test."</summary>
    [Fact]
    public void Every_public_method_of_the_runtime_has_a_case()
    {
        string[] covered = [.. s_cases.SelectMany(static c => c.Methods.Split(' ')).Distinct().Order(StringComparer.Ordinal)];
        string[] methods = [.. PublicMethods.Of(typeof(MemStore).Assembly).Where(static m => !m.StartsWith("IEntityTraits.", StringComparison.Ordinal))]; // two that do nothing
        Assert.Empty(methods.Except(covered));
        string[] generatedOnes = ["MemStorageRepository.FindByIndex/1", "MemStorageRepository.FindByIndexBetween/1"]; // protected: generated members call them
        Assert.Empty(covered.Except(methods).Except(generatedOnes)); // a case whose method has gone, or has other overloads now
    }

    public void Dispose() => PoolWatch.Stop();

    [Theory]
    [InlineData("open")]
    [InlineData("compressing")]
    [InlineData("full")]
    [InlineData("closed")]
    public void No_buffer_is_returned_twice_or_used_after_or_leaked(string kind)
    {
        List<string> faults = [];
        int rented = 0;
        byte[] pattern = [.. Enumerable.Range(0, 9_000_000).Select(static i => (byte)(i * 7 % 200))]; // without the poison
        foreach (string key in Strange.Keys())
        {
            foreach (int length in key.Length is 257 or 3 ? Strange.Lengths() : [700])
            {
                byte[] value = pattern[..length];
                // every foreign call with keys and values of each kind of room, the first ones with all others
                int most = length <= 4_097 && (key.Length is 3 or 257 || key.LastOrDefault() is '中' or '\uDFFF') ? MostForeignCalls : 2;
                ForeignCode.ThrowAtEach(most, at => rented += Run(kind, key, value, at, faults));
            }
        }
        Assert.Empty(faults.Distinct().Take(20));
        Assert.True(kind == "closed" || rented > 1_000, $"only {rented} arrays were rented: the cases miss what they are for");
    }

    /// <summary>All cases on one store; each begins with the same foreign call to throw at.</summary>
    private static int Run(string kind, string key, byte[] value, int at, List<string> faults)
    {
        int rented = 0;
        MemStoreOptions options = new()
        {
            TimeProvider = new ForeignClock(s_now),
            MaxMemoryBytes = kind == "full" ? 2 << 20 : 8 << 20,
            ShardCount = 1,
            EvictionMode = kind == "full" ? EvictionMode.Refuse : EvictionMode.Evict,
            CompressionEnabled = kind == "compressing",
            AsyncEviction = false,
            ExpirySweepInterval = TimeSpan.Zero,
        };
        Scene scene = new(new MemStore(options), key, value);
        scene.Space = scene.Store.GetKeySpace("bytes");
        scene.Parcels = scene.Store.Parcels();
        scene.HandWritten = new HandWrittenParcels(scene.Parcels);
        scene.Stamps = scene.Store.Stamps();
        if (kind == "closed")
            scene.Store.Dispose();
        foreach ((string methods, Action<Scene> call) in s_cases)
        {
            using PoolWatch watch = PoolWatch.Begin();
            try
            {
                ForeignCode.Throwing(at, () => call(scene));
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                // which error it is, is the matter of other tests
            }
            catch (Xunit.Sdk.XunitException e)
            {
                faults.Add($"{methods}: {e.Message}");
            }
            rented += watch.Rented;
            foreach (string fault in watch.Faults)
                faults.Add($"{methods} (a key of {key.Length} characters, {value.Length} bytes, foreign call {at}): {fault}");
        }
        scene.Store.Dispose();
        return rented;
    }

    private static void AssertSame(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual) =>
        Assert.True(expected.SequenceEqual(actual), "other bytes than what was stored");

    private static Parcel Made(Scene scene)
    {
        ForeignCode.Run();
        return scene.Parcel();
    }

    private static Parcel Wait(ValueTask<Parcel> load) => load.AsTask().GetAwaiter().GetResult();

    private static long Look(in Stamp stamp)
    {
        ForeignCode.Run();
        return stamp.Worth;
    }

    private static void WriteAll(Scene scene)
    {
        KeyWriter writer = new(stackalloc byte[16], default);
        try
        {
            writer.Write(scene.Key);
            writer.WriteSeparator();
            writer.Write(scene.Key.AsSpan());
            writer.Write((byte)1);
            writer.Write((sbyte)1);
            writer.Write((short)1);
            writer.Write((ushort)1);
            writer.Write(1);
            writer.Write(1u);
            writer.Write(1L);
            writer.Write(1ul);
            writer.Write(Int128.MinValue);
            writer.Write(UInt128.MaxValue);
            writer.Write(true);
            writer.Write('x');
            writer.Write(Guid.Empty);
            writer.Write(DateOnly.MaxValue);
            writer.Write(TimeOnly.MaxValue);
            writer.Write(TimeSpan.MaxValue);
            writer.Write(DateTime.MaxValue);
            writer.Write(DateTimeOffset.MaxValue);
            writer.Write(DayOfWeek.Friday);
            KeyReader reader = new(writer.Written);
            Assert.True(reader.TryRead(out string? first));
            Assert.Equal(scene.Key, first);
            Assert.True(reader.TryReadSeparator());
            writer.ThrowIfTooLong();
        }
        finally
        {
            writer.Dispose();
        }
    }

    private static void IndexAll(Scene scene)
    {
        IndexKeyWriter writer = new(stackalloc byte[16]);
        IndexKeyWriter copy = writer;
        try
        {
            writer.WriteNull();
            writer.WriteNotNull();
            writer.Write(scene.Key);
            writer.Write((byte)1);
            writer.Write((sbyte)1);
            writer.Write((short)1);
            writer.Write((ushort)1);
            writer.Write(1);
            writer.Write(1u);
            writer.Write(1L);
            writer.Write(1ul);
            writer.Write(Int128.MinValue);
            writer.Write(UInt128.MaxValue);
            writer.Write(1f);
            writer.Write(1d);
            writer.Write(1m);
            copy = writer; // a copy that goes on by itself, as a delegate may make one
            copy.Write(scene.Key);
            writer.Write(true);
            writer.Write('x');
            writer.Write(Guid.Empty);
            writer.Write(DateOnly.MaxValue);
            writer.Write(TimeOnly.MaxValue);
            writer.Write(TimeSpan.MaxValue);
            writer.Write(DateTime.MaxValue);
            writer.Write(DateTimeOffset.MaxValue);
            writer.Write(DayOfWeek.Friday);
            Assert.Equal(0, writer.Written[0]);
            Assert.Equal(1, writer.Written[1]);
        }
        finally
        {
            writer.Dispose();
            copy.Dispose();
        }
    }
}
