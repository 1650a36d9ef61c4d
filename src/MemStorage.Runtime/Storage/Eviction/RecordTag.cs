namespace MemStorage.Storage.Eviction;

/// <summary>
/// What a record in main carries from one judgement to the next, 4 bits, written only when it is copied: with how many hits it was promoted, until main judges it for the first
/// time; from then on the hits that it was left with (its credit), and whether it was asked for at all before the last judgement.
/// </summary>
internal static class RecordTag
{
    /// <summary>A record that no policy has judged yet.</summary>
    public const int None = 0;

    private const int AskedFor = 4;
    private const int Idle = 8;

    /// <summary>Promoted without a hit, because it takes next to no room.</summary>
    public const int KeptAsSmall = 12;

    /// <summary>Promoted without a hit, because those like it are asked for later (<see cref="UnreadOdds"/>).</summary>
    public const int KeptUnread = 13;

    /// <summary>Kept by main for a single hit since the judgement before.</summary>
    public const int KeptForOneHit = AskedFor;

    /// <summary>Promoted with 1 to 3 hits, which are the tag itself.</summary>
    public static bool IsPromoted(int tag) => tag is > None and < AskedFor;

    /// <summary>Kept by main with a credit of 0 to 2.</summary>
    public static int Kept(int credit, bool askedFor) => (askedFor ? AskedFor : Idle) + credit;

    /// <summary>Kept although it had not been asked for since the judgement before.</summary>
    public static bool WasIdle(int tag) => tag is >= Idle and < KeptAsSmall;

    /// <summary>The hits it had after it was copied; more of them: it was asked for since.</summary>
    public static int Credit(int tag) => tag is < AskedFor or >= KeptAsSmall ? 0 : tag & (AskedFor - 1);
}
