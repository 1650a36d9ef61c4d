using MemStorage.Bench.Load;

namespace MemStorage.Bench.Amplification;

/// <summary>
/// One load on a store of a given bound. <see cref="Fill"/> brings the live share of the room for records to what is asked for; each <see cref="Step"/> is one call of a user after that.
/// One thread, seeds that are constants, no background work: the same counters in every run.
/// </summary>
internal abstract class WriteLoad(MemStore store)
{
    private const int LeastValue = 200;
    private const int LookEvery = 64;
    protected const int MostValue = 800;
    protected const int KeyBytes = 16;

    /// <summary>Header, key, a value of the mean length.</summary>
    protected const int MeanRecord = 16 + 12 + (LeastValue + MostValue) / 2;

    private static readonly byte[] Noise = MakeNoise();
    private readonly Random _sizes = new(2);

    protected MemStore Store { get; } = store;

    protected Random Random { get; } = new(1);

    /// <summary>How many keys the fill took.</summary>
    public int Keys { get; protected set; }

    /// <summary>Whether a write may keep the length of the value that it replaces.</summary>
    protected virtual bool OneSize => false;

    /// <summary>Adds keys until live records take this share of the room, or the store takes no more.</summary>
    public virtual void Fill(double share)
    {
        for (Keys = 0; Add(Keys); Keys++)
        {
            if (Keys % LookEvery == LookEvery - 1 && Store.GetMemoryReport() is var report && Filled(report) >= share * RoomOf(report))
                break;
        }
        Prepare();
    }

    public abstract void Step();

    /// <summary>Called once after the fill.</summary>
    protected virtual void Prepare()
    {
    }

    /// <summary>Stores one more key. False: the store has no room for it.</summary>
    protected virtual bool Add(int key) => Write(key);

    /// <summary>What the fill has brought. Not what is live: a store that evicts would never be full.</summary>
    protected virtual long Filled(MemoryReport report) => Store.Stats().WrittenBytes;

    /// <summary>A refusal is counted by the store.</summary>
    protected bool Write(int key) => Store.Set(KeyOf(key, stackalloc byte[KeyBytes]), Noise.AsSpan(0, OneSize ? (LeastValue + MostValue) / 2 : _sizes.Next(LeastValue, MostValue + 1))) == SetResult.Stored;

    protected static ReadOnlySpan<byte> KeyOf(int key, Span<byte> buffer) => System.Text.Unicode.Utf8.TryWrite(buffer, $"key:{key:D8}", out int length) ? buffer[..length] : default;

    /// <summary>What is left of the bound for records.</summary>
    public static long RoomOf(MemoryReport report) => report.LimitBytes - report.IndexBytes - report.ChangeLogBytes - report.GhostBytes - report.SecondaryIndexBytes;

    private static byte[] MakeNoise()
    {
        byte[] noise = new byte[MostValue];
        new Random(3).NextBytes(noise);
        return noise;
    }
}

/// <summary>Overwrites of keys that are all there, drawn uniformly.</summary>
internal class UniformOverwrites(MemStore store) : WriteLoad(store)
{
    public override void Step() => Write(Random.Next(Keys));
}

/// <summary>The same with values of one length: overwrites in place.</summary>
internal sealed class OneSizeOverwrites(MemStore store) : UniformOverwrites(store)
{
    protected override bool OneSize => true;
}

/// <summary>Overwrites, some keys far more often than others.</summary>
internal sealed class ZipfOverwrites(MemStore store, double skew) : WriteLoad(store)
{
    private RandomOrder? _order;
    private int _position;

    protected override void Prepare() => _order = RandomOrder.Zipf(Keys, skew);

    public override void Step() => Write(_order![_position++]);
}

/// <summary>A key drawn uniformly is deleted if it is there and inserted if it is not; half of them are. Deletions are remembered and count as live.</summary>
internal sealed class DeletesAndInserts(MemStore store) : WriteLoad(store)
{
    private readonly List<bool> _present = [];

    protected override long Filled(MemoryReport report) => report.LiveBytes;

    protected override bool Add(int key)
    {
        if (!Write(key))
            return false;
        _present.Add(true);
        return key % 2 == 0 || Delete(key);
    }

    public override void Step()
    {
        int key = Random.Next(Keys);
        if (_present[key])
            Delete(key);
        else
            _present[key] = Write(key);
    }

    private bool Delete(int key)
    {
        _present[key] = false;
        return Store.Delete($"key:{key:D8}") == DeleteResult.Deleted;
    }
}

/// <summary>
/// What a cache does: a key is read, and stored if it is not there. The keys take a multiple of the room, so that each insert drops something; what was read is kept and copied.
/// </summary>
internal sealed class ReadThrough(MemStore store, double skew) : WriteLoad(store)
{
    private readonly byte[] _destination = new byte[MostValue];
    private RandomOrder? _order;
    private int _position;

    public override void Fill(double share)
    {
        Keys = (int)(share * Store.LimitBytes / MeanRecord);
        _order = RandomOrder.Zipf(Keys, skew);
    }

    public override void Step()
    {
        int key = _order![_position++];
        if (!Store.TryGet(KeyOf(key, stackalloc byte[KeyBytes]), _destination, out _, out _))
            Write(key);
    }
}
