using System.Collections.Immutable;
using MemStorage.Analyzers.Versions.Outcomes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions.Flow;

/// <summary>The reporting pass: asks MST2002 to MST2005 of each write, with what holds there.</summary>
internal sealed class FlowReports
{
    private const int MaxConditions = 64;

    private readonly VersionScan _scan;
    private readonly ControlFlowGraph _graph;
    private readonly FlowEvaluator _flow;
    private readonly List<(StoreCall Call, int Block, List<int> Reads, string? Version)> _deletes = [];

    public FlowReports(VersionScan scan, ControlFlowGraph graph, FlowEvaluator flow)
    {
        _scan = scan;
        _graph = graph;
        _flow = flow;
    }

    public void OnWrite(StoreCall call, FlowEvaluator flow, WriteFacts facts)
    {
        LostUpdate(call, facts);
        ForeignVersion(call, facts);
        BlindDelete(call, facts);
        StaleVersion(call, facts);
    }

    /// <summary>MST2002: what was read and changed is written without a version.</summary>
    private void LostUpdate(StoreCall call, WriteFacts facts)
    {
        if (call.Kind != StoreCallKind.Write || call.Compares || call.HasOptions)
            return;
        Place? store = _flow.PlaceOf(call.Invocation.Instance);
        foreach (Fact fact in facts.Entity.Facts)
        {
            ReadSite read = _flow.Sites[fact.Read];
            if (store is null || !store.Equals(read.Store))
                continue;
            bool lost = call.Typed
                ? fact is { Form: Form.Entity or Form.Copy or Form.Many, Changed: true } || (fact.Form == Form.Data && facts.Entity.Has(Form.Key, fact.Read))
                : fact.Form == Form.Data && _scan.Symbols.IsStoredItem(call.Value?.Type) && IsKeyOf(call, facts, fact.Read);
            if (!lost || IsGuarded(call.Invocation.Syntax))
                continue;
            _scan.Report(Diagnostic.Create(VersionRules.LostUpdate, call.Invocation.Syntax.GetLocation(), call.Name));
            return;
        }
    }

    /// <summary>MST2003: the version is a constant, or was read from something else beyond doubt.</summary>
    private void ForeignVersion(StoreCall call, WriteFacts facts)
    {
        if (call.Version is not { } version || IsExpected(version.Syntax))
            return;
        if (facts.Version is { IsConstant: true, Other: false, Facts.IsEmpty: true })
        {
            if (!NamesVersions())
                Report("a constant");
            return;
        }
        if (facts.Version.Other || facts.Version.IsConstant || facts.Version.Facts.IsEmpty)
            return;
        Place? store = _flow.PlaceOf(call.Invocation.Instance);
        string? otherwise = null;
        foreach (Fact fact in facts.Version.Facts)
        {
            if (fact.Form != Form.Version)
                return;
            ReadSite read = _flow.Sites[fact.Read];
            if (call.Typed && read.Call.Typed && IsOtherRepository(call, store, read))
                otherwise = "read from another repository";
            else if (_flow.State.Stale.Contains(fact.Read) || store is null || !store.Equals(read.Store) || !IsOtherKey(call, facts, fact.Read))
                return;
            else
                otherwise = "read from another key";
        }
        if (otherwise is not null)
            Report(otherwise);

        void Report(string what) => _scan.Report(Diagnostic.Create(VersionRules.ForeignVersion, version.Syntax.GetLocation(), Property("Version", ReadVersion(call, facts)), call.Name, what));
    }

    private static ImmutableDictionary<string, string?> Property(string name, string? value) =>
        value is null ? ImmutableDictionary<string, string?>.Empty : ImmutableDictionary<string, string?>.Empty.Add(name, value);

    /// <summary>The version that was read with what is written or deleted here, as an expression, where one variable holds it: the one that was meant.</summary>
    private string? ReadVersion(StoreCall call, WriteFacts facts)
    {
        if (call.Kind == StoreCallKind.Write)
        {
            bool wasRead = facts.Entity is { Other: false, IsConstant: false, Facts.IsEmpty: false } && facts.Entity.Facts.All(static f => f.Form == Form.Entity);
            return wasRead && facts.Owner is ILocalSymbol or IParameterSymbol && call.Value is { } value && OutcomeTest.Strip(value) is ILocalReferenceOperation or IParameterReferenceOperation
                && _flow.VersionMemberName(value.Type) is { } member ? facts.Owner.Name + "." + member : null;
        }
        Place? store = _flow.PlaceOf(call.Invocation.Instance);
        string? found = null;
        for (int i = 0; i < _flow.Sites.Count; i++)
        {
            if (store is null || !store.Equals(_flow.Sites[i].Store) || !IsKeyOf(call, facts, i) || _flow.VersionOf(i) is not { } version)
                continue;
            if (found is not null && found != version)
                return null;
            found = version;
        }
        return found;
    }

    /// <summary><c>Assert.Throws(() => orders.Delete(1, 0))</c>, <c>Assert.Equal(DeleteResult.VersionMismatch, orders.Delete(1, 0))</c>: the version is bad on purpose.</summary>
    private static bool IsExpected(SyntaxNode syntax)
    {
        for (SyntaxNode? node = syntax; node is not null and not MemberDeclarationSyntax; node = node.Parent)
        {
            if (node is not ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax called } } argument)
                continue;
            if (called.Expression is IdentifierNameSyntax { Identifier.ValueText: var type } && type.EndsWith("Assert", StringComparison.Ordinal))
                return true;
            if (argument.Expression is LambdaExpressionSyntax && called.Name.Identifier.ValueText.Contains("Throw"))
                return true;
        }
        return false;
    }

    /// <summary>Code that gives entries versions of its own (a test, an import) may well know them as constants.</summary>
    private bool NamesVersions() => _scan.Creations.Any(c => _scan.Symbols.IsStoredItem(c.Type) && c.Arguments.Any(static a => a.Parameter?.Name == "version" && a.ArgumentKind != ArgumentKind.DefaultValue))
        || _scan.Invocations.Any(i => i.TargetMethod.Name == "WithVersion" && _scan.Symbols.IsStoredItem(i.TargetMethod.ContainingType));

    /// <summary>Another entity type, or two different parameters, locals or fields.</summary>
    private static bool IsOtherRepository(StoreCall call, Place? store, ReadSite read)
    {
        if (call.Invocation.Instance?.Type is { } type && read.Call.Invocation.Instance?.Type is { } other && !SymbolEqualityComparer.Default.Equals(type, other))
            return type.TypeKind != TypeKind.Interface && other.TypeKind != TypeKind.Interface;
        return store is not null && read.Store is not null && !store.Equals(read.Store)
            && IsCertain(store) && IsCertain(read.Store);

        static bool IsCertain(Place place) => place.Last is IParameterSymbol or IFieldSymbol { IsReadOnly: true };
    }

    private bool IsOtherKey(StoreCall call, WriteFacts facts, int read)
    {
        if (call.Kind == StoreCallKind.Write)
        {
            // Set(a, b.Version): where a itself was read
            bool any = false;
            foreach (Fact fact in facts.Entity.Facts)
            {
                if (fact.Form is not (Form.Entity or Form.Copy) || fact.Read == read || !Differ(fact.Read))
                    return false;
                any = true;
            }
            return any && !facts.Entity.Other;
        }
        if (!facts.Key.Facts.IsEmpty)
            return !facts.Key.Other && facts.Key.Facts.All(f => f.Form == Form.Key && f.Read != read && Differ(f.Read));
        return _flow.Sites[read].Key is { } readKey && facts.WrittenKey is { } key && key.DiffersFrom(readKey);

        bool Differ(int other) => !_flow.State.Stale.Contains(other) && _flow.Sites[other].Key is { } a && _flow.Sites[read].Key is { } b && a.DiffersFrom(b);
    }

    private bool IsKeyOf(StoreCall call, WriteFacts facts, int read) =>
        facts.Key.Has(Form.Key, read)
        || (!_flow.State.Stale.Contains(read) && _flow.Sites[read].Key is { } readKey && readKey.Equals(_flow.KeyOf(call)));

    /// <summary>MST2004, first half: deletes without a version of keys that were read; whether a decision came in between is asked at the end.</summary>
    private void BlindDelete(StoreCall call, WriteFacts facts)
    {
        if (call.Kind != StoreCallKind.Delete || call.Version is not null)
            return;
        Place? store = _flow.PlaceOf(call.Invocation.Instance);
        List<int>? reads = null;
        for (int i = 0; i < _flow.Sites.Count; i++)
        {
            ReadSite read = _flow.Sites[i];
            if (store is null || !store.Equals(read.Store) || !_scan.Symbols.HasVersionMember(read.Entity) || !IsKeyOf(call, facts, i))
                continue;
            if (_flow.State.Decided.Contains(i))
            {
                Report(call, _flow.VersionOf(i));
                return;
            }
            (reads ??= []).Add(i);
        }
        if (reads is not null)
            _deletes.Add((call, _flow.Block.Ordinal, reads, reads.Count == 1 ? _flow.VersionOf(reads[0]) : null));
    }

    /// <summary>MST2005: the version stands where an earlier write used it up.</summary>
    private void StaleVersion(StoreCall call, WriteFacts facts)
    {
        if (!call.Compares || facts.VersionPlace is not { } place || IsExpected(call.Invocation.Syntax) || !_flow.State.Used.TryGetValue(place, out UsedVersion? used))
            return;
        // the byte store's delete compares with "not newer": the same version again is fine, and says the same
        if (!call.Typed && used.Write.Kind == StoreCallKind.Delete)
            return;
        Place? store = _flow.PlaceOf(call.Invocation.Instance);
        if (store is null || !store.Equals(_flow.PlaceOf(used.Write.Invocation.Instance)))
            return;
        bool same = !place.IsVariable
            || (facts.Owner is { } owner && SymbolEqualityComparer.Default.Equals(owner, used.Owner))
            || (facts.WrittenKey is { } key && (key.Equals(used.Key) || IsKeyOfOwner(key.SinglePlace, used.Owner)));
        if (same && !(facts.WrittenKey is { } now && used.Key is { } then && now.DiffersFrom(then)))
            _scan.Report(Diagnostic.Create(VersionRules.StaleVersion, (call.Version ?? call.Value!).Syntax.GetLocation(), NewVersionAt(call, used), Property("NewVersion", NewVersion(call, used)), (call.Version ?? call.Value!).Syntax.ToString(), used.Line));
    }

    /// <summary>The variable into which the earlier write put the new version.</summary>
    private static string? NewVersion(StoreCall call, UsedVersion used)
    {
        if (call.Version is null || used.Write.OutVersion?.Value is not { } target)
            return null;
        if (target is IDeclarationExpressionOperation declaration)
            target = declaration.Expression;
        return target is ILocalReferenceOperation local ? local.Local.Name : null;
    }

    /// <summary>Where the earlier write throws the new version away.</summary>
    private static Location[]? NewVersionAt(StoreCall call, UsedVersion used) =>
        call.Version is not null && used.Write.OutVersion?.Value is IDiscardOperation discard ? [discard.Syntax.GetLocation()] : null;

    /// <summary><c>order.Id</c>, where <c>order</c> was written.</summary>
    private bool IsKeyOfOwner(Place? key, ISymbol? owner) =>
        key is { IsVariable: false, Members.Length: 1, Last: { } member } && owner is not null && SymbolEqualityComparer.Default.Equals(key.Root, owner) && _scan.Symbols.IsKeyMember(member);

    /// <summary>MST2004, second half.</summary>
    /// <returns>False when the work ran out.</returns>
    public bool Finish(ref int work)
    {
        foreach ((StoreCall call, int block, List<int> reads, string? version) in _deletes)
        {
            int conditions = 0;
            foreach (KeyValuePair<int, FlowValue> condition in _flow.Conditions.OrderBy(static c => c.Key))
            {
                if (!condition.Value.Facts.Any(f => f.Form is not (Form.Key or Form.KeyData) && reads.Contains(f.Read)))
                    continue;
                if (++conditions > MaxConditions || work < 0)
                    return work >= 0;
                if (!Decides(condition.Key, block, ref work))
                    continue;
                Report(call, version);
                break;
            }
        }
        return true;
    }

    /// <param name="call">The delete.</param>
    /// <param name="version">The version that was read, as an expression for the fix.</param>
    private void Report(StoreCall call, string? version)
    {
        if (IsGuarded(call.Invocation.Syntax))
            return;
        ImmutableDictionary<string, string?> properties = version is null ? ImmutableDictionary<string, string?>.Empty : ImmutableDictionary<string, string?>.Empty.Add("Version", version);
        _scan.Report(Diagnostic.Create(VersionRules.BlindDelete, call.Invocation.Syntax.GetLocation(), properties, call.Name));
    }

    /// <summary>Whether the branch decides if the target is reached: it is from one of its two ways, without coming back to the branch.</summary>
    private bool Decides(int condition, int target, ref int work)
    {
        BasicBlock block = _graph.Blocks[condition];
        if (condition == target)
            return false;
        bool one = Reaches(block.ConditionalSuccessor?.Destination, condition, target, ref work);
        bool two = Reaches(block.FallThroughSuccessor?.Destination, condition, target, ref work);
        return one != two;
    }

    private static bool Reaches(BasicBlock? from, int without, int target, ref int work)
    {
        if (from is null)
            return false;
        var seen = new HashSet<int>();
        var pending = new Stack<BasicBlock>();
        pending.Push(from);
        while (pending.Count > 0)
        {
            BasicBlock block = pending.Pop();
            if (block.Ordinal == without || !seen.Add(block.Ordinal))
                continue;
            work--;
            if (block.Ordinal == target)
                return true;
            if (block.FallThroughSuccessor?.Destination is { } next)
                pending.Push(next);
            if (block.ConditionalSuccessor?.Destination is { } other)
                pending.Push(other);
        }
        return false;
    }

    /// <summary>Whether the user serialises the writers by other means: then nothing comes in between.</summary>
    private bool IsGuarded(SyntaxNode write)
    {
        for (SyntaxNode? node = write; node is not null and not MemberDeclarationSyntax; node = node.Parent)
        {
            if (node is LockStatementSyntax)
                return true;
        }
        foreach (IInvocationOperation invocation in _scan.Invocations)
        {
            switch (invocation.TargetMethod.ContainingType?.Name, invocation.TargetMethod.Name)
            {
                case ("Monitor", "Enter" or "TryEnter"):
                case ("Lock", "Enter" or "EnterScope" or "TryEnter"):
                case ("SemaphoreSlim" or "Semaphore" or "Mutex" or "WaitHandle", "Wait" or "WaitAsync" or "WaitOne"):
                case ("ReaderWriterLockSlim", "EnterWriteLock" or "EnterUpgradeableReadLock" or "TryEnterWriteLock"):
                    return true;
            }
        }
        return false;
    }
}
