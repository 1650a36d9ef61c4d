using System.Buffers;
using System.IO.Pipelines;
using MemStorage.AspNetCore;
using MemStorage.Testing;
using MemStorage.Tests.Pools;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Session;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;

namespace MemStorage.Extensions.Tests.Buffers;

/// <summary>Tests that watch the pool of the whole process: they run after all others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PoolWatchers
{
    public const string Name = "Watches the shared pool";
}

/// <summary>"No buffer is returned twice, none is used after": every public method of the packages for hosts and for tests, as the runtime's own test has it.</summary>
[Collection(PoolWatchers.Name)]
public sealed class HostBufferTests : IDisposable
{
    private const int MostForeignCalls = 20;

    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DistributedCacheEntryOptions s_sliding = new() { SlidingExpiration = TimeSpan.FromMinutes(5) };

    private sealed record Scene(MemStore Store, MemStoreDistributedCache Cache, MemStoreOutputCache Output, FaultyDistributedCache Faulty, string Key, byte[] Value)
    {
        public ReadOnlySequence<byte> Pieces() => Value.Length < 3 ? new ReadOnlySequence<byte>(Value) : Sequences.Split(Value, 1, Value.Length - 1);
    }

    /// <summary>A pipe that throws when it is its turn, and rents nothing itself.</summary>
    private sealed class ForeignPipe : PipeWriter
    {
        private readonly ForeignWriter _inner = new();

        public List<byte> Written => _inner.Written;

        public override void Advance(int bytes) => _inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => _inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => _inner.GetSpan(sizeHint);

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            ForeignCode.Run();
            return default;
        }
    }

    private static readonly (string Methods, Action<Scene> Call)[] s_cases = [.. CacheCases("MemStoreDistributedCache", static s => s.Cache), .. CacheCases("FaultyDistributedCache", static s => s.Faulty),
        ("MemStoreOutputCache.SetAsync/2", static s => s.Output.SetAsync(s.Key, s.Value, ["tag", s.Key], TimeSpan.FromMinutes(1), default).AsTask().GetAwaiter().GetResult()),
        ("MemStoreOutputCache.SetAsync/2", static s => s.Output.SetAsync(s.Key, s.Pieces(), ReadOnlyMemory<string>.Empty, TimeSpan.FromMinutes(1), default).AsTask().GetAwaiter().GetResult()),
        ("MemStoreOutputCache.GetAsync/1", static s => AssertSame(s, s.Output.GetAsync(s.Key, default).AsTask().GetAwaiter().GetResult())),
        ("MemStoreOutputCache.TryGetAsync/1", static s =>
        {
            ForeignPipe pipe = new();
            if (s.Output.TryGetAsync(s.Key, pipe, default).AsTask().GetAwaiter().GetResult())
                AssertSame(s, [.. pipe.Written]);
        }),
        ("MemStoreOutputCache.EvictByTagAsync/1", static s => s.Output.EvictByTagAsync(s.Key, default).AsTask().GetAwaiter().GetResult()),
        ("MemStoreMetrics.Observe/1 MemStoreMetrics.Dispose/1", static s =>
        {
            using MemStoreMetrics metrics = new();
            metrics.Observe(s.Store);
        }),
        ("FaultyDistributedCache.Fail/1 FaultyDistributedCache.FailNext/1 FaultyDistributedCache.Recover/1", static s =>
        {
            s.Faulty.Fail();
            Assert.ThrowsAny<Exception>(() => s.Faulty.Get(s.Key));
            s.Faulty.FailNext(1);
            Assert.ThrowsAny<Exception>(() => s.Faulty.TryGet(s.Key, new ForeignWriter()));
            s.Faulty.Recover();
        }),
        ("MemStoreFaults.Fail/1 MemStoreFaults.FailNext/1 MemStoreFaults.Recover/1 MemStoreFaults.RefuseWrites/1 MemStoreFaults.Dispose/1", static s =>
        {
            using MemStoreFaults faults = new(s.Store);
            faults.Fail();
            Assert.ThrowsAny<Exception>(() => s.Cache.Get(s.Key));
            Assert.ThrowsAny<Exception>(() => s.Cache.Set(s.Key, s.Value, s_sliding));
            Assert.ThrowsAny<Exception>(() => s.Output.GetAsync(s.Key, default).AsTask().GetAwaiter().GetResult());
            faults.FailNext(2);
            Assert.ThrowsAny<Exception>(() => s.Cache.Refresh(s.Key));
            faults.Recover();
            faults.RefuseWrites();
            s.Cache.Set(s.Key, s.Value, s_sliding);
        }),
        ("MemStoreInvariants.AssertInvariants/1", static s => s.Store.AssertInvariants()),
        ("MemStorageSessionExtensions.AddSessionStore/1", static s => UseSession(s, s.Key)),
        ("MemStorageSessionExtensions.AddSessionStore/1", static s => UseSession(s, "session")),
    ];

    /// <summary>Registering touches no bytes, but the sessions of the registered store do: one is stored, and read by the next request.</summary>
    private static void UseSession(Scene scene, string id)
    {
        ServiceCollection services = new();
        services.AddMemStorage(o =>
        {
            o.TimeProvider = scene.Store.TimeProvider;
            o.MaxMemoryBytes = scene.Store.LimitBytes;
            o.ShardCount = 1;
            o.AsyncEviction = false;
            o.ExpirySweepInterval = TimeSpan.Zero;
        }).AddSessionStore();
        using ServiceProvider provider = services.BuildServiceProvider();
        ISessionStore sessions = provider.GetRequiredService<ISessionStore>();
        if (scene.Store.IsClosed)
            provider.GetRequiredService<MemStore>().Dispose();
        TimeSpan timeout = TimeSpan.FromMinutes(5);
        ISession first = sessions.Create(id, timeout, timeout, static () => true, isNewSessionKey: true);
        first.LoadAsync().GetAwaiter().GetResult();
        first.Set(scene.Key, scene.Value);
        first.CommitAsync().GetAwaiter().GetResult();
        ISession next = sessions.Create(id, timeout, timeout, static () => true, isNewSessionKey: false);
        if (next.TryGetValue(scene.Key, out byte[]? value))
            AssertSame(scene, value);
    }

    private static (string Methods, Action<Scene> Call)[] CacheCases(string type, Func<Scene, IBufferDistributedCache> of) =>
    [
        ($"{type}.Set/2", s => of(s).Set(s.Key, s.Value, s_sliding)),
        ($"{type}.Set/2", s => of(s).Set(s.Key, s.Pieces(), s_sliding)),
        ($"{type}.SetAsync/2", s => of(s).SetAsync(s.Key, s.Value, s_sliding).GetAwaiter().GetResult()),
        ($"{type}.SetAsync/2", s => of(s).SetAsync(s.Key, s.Pieces(), s_sliding, default).AsTask().GetAwaiter().GetResult()),
        ($"{type}.Get/1", s => AssertSame(s, of(s).Get(s.Key))),
        ($"{type}.GetAsync/1", s => AssertSame(s, of(s).GetAsync(s.Key).GetAwaiter().GetResult())),
        ($"{type}.TryGet/1", s =>
        {
            ForeignWriter writer = new();
            if (of(s).TryGet(s.Key, writer))
                AssertSame(s, [.. writer.Written]);
        }),
        ($"{type}.TryGetAsync/1", s =>
        {
            ForeignWriter writer = new(600);
            if (of(s).TryGetAsync(s.Key, writer, default).AsTask().GetAwaiter().GetResult())
                AssertSame(s, [.. writer.Written]);
        }),
        ($"{type}.Refresh/1", s => of(s).Refresh(s.Key)),
        ($"{type}.RefreshAsync/1", s => of(s).RefreshAsync(s.Key).GetAwaiter().GetResult()),
        ($"{type}.Remove/1", s => of(s).Remove(s.Key)),
        ($"{type}.RemoveAsync/1", s => of(s).RemoveAsync(s.Key).GetAwaiter().GetResult()),
    ];

    /// <summary>What registers services touches no bytes; each name stands for all its overloads.</summary>
    private static readonly string[] s_withoutBytes = ["MemStorageBuilderExtensions.", "MemStorageServiceCollectionExtensions.", "MemStorageOutputCacheExtensions."];

    /// <summary>"A new public method without a case fails the test."</summary>
    [Fact]
    public void Every_public_method_of_the_packages_for_hosts_and_tests_has_a_case()
    {
        string[] covered = [.. s_cases.SelectMany(static c => c.Methods.Split(' ')).Distinct().Order(StringComparer.Ordinal)];
        string[] methods = [.. new[] { typeof(MemStoreDistributedCache), typeof(MemStoreOutputCache), typeof(MemStoreFaults) }
            .SelectMany(static type => PublicMethods.Of(type.Assembly))
            .Where(static m => !Array.Exists(s_withoutBytes, type => m.StartsWith(type, StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal)];
        Assert.Empty(methods.Except(covered));
        Assert.Empty(covered.Except(methods)); // a case whose method has gone, or has other overloads now
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
                ForeignCode.ThrowAtEach(length <= 70_000 ? MostForeignCalls : 2, at => rented += Run(kind, key, value, at, faults));
            }
        }
        Assert.Empty(faults.Distinct().Take(20));
        Assert.True(kind == "closed" || rented > 1_000, $"only {rented} arrays were rented: the cases miss what they are for");
    }

    private static int Run(string kind, string key, byte[] value, int at, List<string> faults)
    {
        int rented = 0;
        MemStore store = new(new MemStoreOptions
        {
            TimeProvider = new ForeignClock(s_now),
            MaxMemoryBytes = kind == "full" ? 2 << 20 : 8 << 20,
            ShardCount = 1,
            EvictionMode = kind == "full" ? EvictionMode.Refuse : EvictionMode.Evict,
            CompressionEnabled = kind == "compressing",
            AsyncEviction = false,
            ExpirySweepInterval = TimeSpan.Zero,
        });
        MemStoreDistributedCache cache = new(store);
        Scene scene = new(store, cache, new MemStoreOutputCache(store), new FaultyDistributedCache(cache), key, value);
        if (kind == "closed")
            store.Dispose();
        foreach ((string methods, Action<Scene> call) in s_cases)
        {
            using PoolWatch watch = PoolWatch.Begin();
            try
            {
                ForeignCode.Throwing(at, () => call(scene));
            }
            catch (OtherBytesException e)
            {
                faults.Add($"{methods} (a key of {key.Length} characters, {value.Length} bytes, foreign call {at}): {e.Message}");
            }
            catch (Exception)
            {
                // which error it is, is the matter of other tests
            }
            rented += watch.Rented;
            foreach (string fault in watch.Faults)
                faults.Add($"{methods} (a key of {key.Length} characters, {value.Length} bytes, foreign call {at}): {fault}");
        }
        store.Dispose();
        return rented;
    }

    private sealed class OtherBytesException() : Exception("other bytes than what was stored");

    private static void AssertSame(Scene scene, byte[]? read)
    {
        if (read is not null && !read.AsSpan().SequenceEqual(scene.Value))
            throw new OtherBytesException();
    }
}
