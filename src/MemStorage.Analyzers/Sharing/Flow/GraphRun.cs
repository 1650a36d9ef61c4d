using Microsoft.CodeAnalysis.FlowAnalysis;

namespace MemStorage.Analyzers.Sharing.Flow;

/// <summary>One pass of the worklist over a control flow graph, or over one of its finally regions.</summary>
internal sealed class GraphRun
{
    private readonly IntMap?[] _entries;
    private readonly bool[] _reached;
    private readonly int[] _taken;
    private readonly SortedSet<int> _pending = new();

    public GraphRun(ControlFlowGraph graph, bool isRoot, int first, int last)
    {
        Graph = graph;
        IsRoot = isRoot;
        First = first;
        Last = last;
        _entries = new IntMap?[last - first + 1];
        _reached = new bool[last - first + 1];
        _taken = new int[last - first + 1];
    }

    public ControlFlowGraph Graph { get; }

    public bool IsRoot { get; }

    public int First { get; }

    public int Last { get; }

    /// <summary>Whether this run covers a finally region, entered by a branch that leaves its try.</summary>
    public bool IsFinally { get; set; }

    /// <summary>Whether the states at the entries are the last ones: what follows only reports.</summary>
    public bool IsSettled { get; set; }

    public bool HasExit { get; private set; }

    public IntMap? Exit { get; private set; }

    public Value Result { get; set; } = Value.None;

    /// <summary>
    /// Whether every block comes after all that lead to it, without loops and handlers. Then its state is settled when it is taken for the first time,
    /// and what it does can be reported at once: most methods, and nearly all lambdas, are evaluated once instead of twice at every level of nesting.
    /// </summary>
    public static bool IsForwardOnly(ControlFlowGraph graph)
    {
        foreach (BasicBlock block in graph.Blocks)
        {
            if (block.FallThroughSuccessor?.Destination is { } next && next.Ordinal <= block.Ordinal
                || block.ConditionalSuccessor?.Destination is { } other && other.Ordinal <= block.Ordinal
                || IsInTry(block.EnclosingRegion))
                return false;
        }
        return true;

        static bool IsInTry(ControlFlowRegion? region)
        {
            // The root region of a lambda's graph lies inside the regions of the method around it: those belong to another graph.
            for (; region is { Kind: not ControlFlowRegionKind.Root }; region = region.EnclosingRegion)
            {
                if (region.Kind != ControlFlowRegionKind.LocalLifetime)
                    return true;
            }
            return false;
        }
    }

    public bool Contains(int ordinal) => ordinal >= First && ordinal <= Last;

    public bool Reached(int ordinal) => _reached[ordinal - First];

    public IntMap? Entry(int ordinal) => _entries[ordinal - First];

    public void Flow(int ordinal, IntMap? state)
    {
        int i = ordinal - First;
        if (!_reached[i])
        {
            _reached[i] = true;
            _entries[i] = state;
            _pending.Add(ordinal);
            return;
        }
        IntMap? joined = IntMap.Join(_entries[i], state);
        if (ReferenceEquals(joined, _entries[i]))
            return;
        _entries[i] = joined;
        _pending.Add(ordinal);
    }

    /// <summary>How often the block was taken from the worklist.</summary>
    public int Taken(int ordinal) => _taken[ordinal - First];

    /// <summary>Replaces the state at the entry of a block by a greater one.</summary>
    public void Raise(int ordinal, IntMap? state) => _entries[ordinal - First] = state;

    public void FlowOut(IntMap? state)
    {
        Exit = HasExit ? IntMap.Join(Exit, state) : state;
        HasExit = true;
    }

    /// <summary>Blocks are numbered in reverse postorder (nearly): taking the least first settles a block before what follows it.</summary>
    public bool TryTake(out int ordinal)
    {
        if (_pending.Count == 0)
        {
            ordinal = -1;
            return false;
        }
        ordinal = _pending.Min;
        _pending.Remove(ordinal);
        _taken[ordinal - First]++;
        return true;
    }
}
