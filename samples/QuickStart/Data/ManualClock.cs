namespace QuickStart.Data;

/// <summary>A clock that moves when it is told to, so that expiry can be shown without waiting for it.</summary>
internal sealed class ManualClock : TimeProvider
{
    private DateTimeOffset _now = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan time) => _now += time;
}
