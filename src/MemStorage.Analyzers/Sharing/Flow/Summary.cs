namespace MemStorage.Analyzers.Sharing.Flow;

/// <summary>What a method of this compilation does to what it is given, as far as its callers care.</summary>
internal sealed class Summary
{
    /// <summary>Nothing is known: the method changes nothing and returns nothing shared.</summary>
    public static readonly Summary Unknown = new() { IsExact = false, Height = 1 };

    /// <summary>The parameters (and what is reached through them) that are changed, as <see cref="Origins"/> bits.</summary>
    public ulong Mutates { get; set; }

    /// <summary>The by-reference parameters whose variable is assigned, as bits by parameter index (0: receiver).</summary>
    public ulong RefWrites { get; set; }

    /// <summary>The names of the members that are assigned on the object passed for a parameter.</summary>
    public Dictionary<int, HashSet<string>> Assigned { get; } = new();

    /// <summary>The delegate parameters that are invoked, with what.</summary>
    public List<(int Index, Shape[] Arguments)> Invocations { get; } = new();

    public Shape Return { get; set; } = Shape.None;

    /// <summary>What <c>ref</c> and <c>out</c> parameters hold at the end, by ordinal.</summary>
    public Dictionary<int, Shape> Outs { get; } = new();

    /// <summary>What a constructor leaves in the members of its object.</summary>
    public Shape Constructed { get; set; } = Shape.None;

    /// <summary>Whether looking deeper would change nothing.</summary>
    public bool IsExact { get; set; } = true;

    /// <summary>The least depth at which the summary is exact (meaningful only when it is).</summary>
    public int Height { get; set; } = 1;

    /// <summary>Whether the body has a statement: an empty body stands for code that is not written yet.</summary>
    public bool IsEmptyBody { get; set; }
}
