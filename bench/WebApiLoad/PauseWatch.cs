namespace WebApiLoad;

/// <summary>The longest pause of a collection so far. An object without references is finalized after every collection and looks at what that one took.</summary>
internal sealed class PauseWatch
{
    private static double s_longest;

    public static double LongestMilliseconds => Volatile.Read(ref s_longest);

    public static void Start() => _ = new PauseWatch();

    public static void Reset() => Volatile.Write(ref s_longest, 0);

    ~PauseWatch()
    {
        foreach (TimeSpan pause in GC.GetGCMemoryInfo(GCKind.Any).PauseDurations)
            if (pause.TotalMilliseconds > s_longest)
                Volatile.Write(ref s_longest, pause.TotalMilliseconds); // by the finalizer thread alone
        if (!Environment.HasShutdownStarted)
            _ = new PauseWatch();
    }
}
