using System.Text.RegularExpressions;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Xunit;

namespace MemStorage.Tests.Faults;

/// <summary>
/// "At every allocation and lock of the write path": looks at the compiled code of the parts that change a store. Each method that allocates or takes
/// a lock has a fault point before it, or stands in the list below with its reason.
/// </summary>
public sealed partial class FaultPointCoverageTests
{
    private static readonly string[] Scope =
    [
        "MemStorage.Storage", "MemStorage.Storage.Index", "MemStorage.Storage.Log", "MemStorage.Storage.Reclaim", "MemStorage.Storage.Eviction", "MemStorage.Storage.Maintenance",
        "MemStorage.Changes.ChangeLog", "MemStorage.Typed.IndexStripe", "MemStorage.Typed.SortedBlocks", "MemStorage.Typed.BlockArena", "MemStorage.Typed.IndexMemory",
        "MemStorage.Typed.SingleFlight`1",
    ];

    /// <summary>What has no point, and why.</summary>
    private static readonly Dictionary<string, string> Exempt = new(StringComparer.Ordinal)
    {
        ["BlockArena.Free"] = "its stacks have room for every number before the number exists",
        ["SegmentLog.PushFree"] = "its stacks have room for every number before the number exists",
        ["SegmentLog.Retire"] = "its stacks have room for every number before the number exists",
        ["CollectedHeap.AllocateToStay"] = "its callers have the point",
        ["Process.CollectInBackground"] = "its callers have the point",
        ["Shard.WaitToWrite"] = "its callers have the point",
        ["Shard.Copy"] = "its callers have the point",
        ["SingleFlight`1.get_Count"] = "reads, and reports",
        ["KeySpaces.get_Named"] = "reads, and reports",
        ["Prefetch.Touch"] = "reads, and reports",
        ["ReadBatch.Rent"] = "reads, and reports",
        ["ReadBatch.AddLongKey"] = "reads, and reports",
        ["Shard.ReadTags"] = "reads, and reports",
        ["Shard.ScanStep"] = "reads, and reports",
        ["ScannedRecord.TryComplete"] = "reads, and reports",
        ["StorageEngine.ReadArray"] = "reads, and reports",
        ["StorageEngine.ReadNoCopy"] = "reads, and reports",
        ["StorageEngine.Scan"] = "reads, and reports",
        ["StorageEngine.Statistics"] = "reads, and reports",
        ["StorageEngine.Report"] = "reads, and reports",
        ["<Scan>d__.MoveNext"] = "reads, and reports",
        ["<Scan>d__.GetEnumerator"] = "reads, and reports",
        ["Shard.Validate"] = "for tests",
        ["Shard.ValidateIndex"] = "for tests",
        ["Shard.ValidateSegments"] = "for tests",
        ["SpareArrays.Validate"] = "for tests",
        ["StoreLayout.From"] = "of the constructor",
    };

    private static readonly HashSet<string> Allocating = new(StringComparer.Ordinal)
    {
        "Resize", "AllocateUninitializedArray", "AllocateArray", "AllocateToStay", "ToArray", "Push", "Add", "TryAdd", "Enqueue", "EnsureCapacity", "UnsafeQueueUserWorkItem", "GetString",
        "AddRange", "GetOrAdd", "set_Item",
    };

    [Fact]
    public void Every_allocation_and_lock_of_the_write_path_has_a_fault_point()
    {
        List<string> missing = [];
        HashSet<string> unused = [.. Exempt.Keys];
        int covered = 0;
        using ModuleDefinition module = ModuleDefinition.ReadModule(typeof(MemStore).Assembly.Location);
        foreach (MethodDefinition method in module.GetTypes().Where(IsInScope).SelectMany(static t => t.Methods).Where(static m => m.HasBody))
        {
            if (method.Name is "ToString" or "<Clone>$")
                continue; // of records
            // compilers number what they make of an iterator, and give its members long names
            string name = IteratorNumber().Replace(method.DeclaringType.Name, "") + "." + method.Name[(method.Name.LastIndexOf('.') is var dot and > 0 ? dot + 1 : 0)..];
            foreach (string problem in ProblemsOf(method, ref covered))
            {
                // what constructs is not yet seen by anybody
                if (method.IsConstructor || Exempt.ContainsKey(name))
                    unused.Remove(name);
                else
                    missing.Add($"{name}: {problem}");
            }
        }
        Assert.True(missing.Count == 0, "Without a fault point:\n" + string.Join('\n', missing.Distinct()));
        Assert.True(unused.Count == 0, "Exempt without need: " + string.Join(", ", unused));
        Assert.True(covered >= 20, $"Only {covered} fault points were found: nothing is shown.");
    }

    private static bool IsInScope(TypeDefinition type)
    {
        TypeDefinition outer = type;
        while (outer.DeclaringType is { } declaring)
            outer = declaring;
        return (Scope.Contains(outer.Namespace) || Scope.Contains(outer.FullName)) && outer.Name is not ("FaultPoint" or "TestHooks");
    }

    private static List<string> ProblemsOf(MethodDefinition method, ref int covered)
    {
        List<string> problems = [];
        bool allocation = false;
        bool wait = false;
        foreach (Instruction instruction in method.Body.Instructions)
        {
            if (instruction.Operand is MethodReference { DeclaringType.Name: "FaultPoint" } point)
            {
                allocation |= point.Name == "Allocation";
                wait |= point.Name == "Lock";
                covered++;
            }
            else if (Waits(instruction) && !wait)
                problems.Add("waits for a lock");
            else if (Allocates(instruction) && !allocation)
                problems.Add("allocates: " + instruction.Operand);
        }
        return problems;
    }

    private static bool Waits(Instruction instruction) =>
        instruction.Operand is MethodReference { Name: "Enter" or "EnterScope" } method && method.DeclaringType.FullName is "System.Threading.Lock" or "System.Threading.Monitor";

    private static bool Allocates(Instruction instruction)
    {
        if (instruction.OpCode.Code == Code.Newarr)
            return true;
        if (instruction.Operand is not MethodReference method)
            return false;
        if (instruction.OpCode.Code == Code.Newobj)
            return !method.DeclaringType.IsValueType && !IsException(method.DeclaringType) && !IsDelegate(method);
        return instruction.OpCode.Code is Code.Call or Code.Callvirt && Allocating.Contains(method.Name)
            && method.DeclaringType.Namespace.StartsWith("System", StringComparison.Ordinal) && method.DeclaringType.Name is not ("Interlocked" or "Unsafe" or "Vector256`1");
    }

    [GeneratedRegex(@"(?<=__)\d+$")]
    private static partial Regex IteratorNumber();

    private static bool IsException(TypeReference type) => type.Name.EndsWith("Exception", StringComparison.Ordinal);

    private static bool IsDelegate(MethodReference constructor) => constructor.Parameters.Count == 2 && constructor.Parameters[1].ParameterType.MetadataType == MetadataType.IntPtr;
}
