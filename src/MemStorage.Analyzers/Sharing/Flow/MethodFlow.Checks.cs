using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Sharing.Flow;

// What is reported. Everything here acts only in the last pass, over settled states.
internal sealed partial class MethodFlow
{
    /// <summary>Members that keep what they are given for longer than the method: of <c>this</c> or of a type.</summary>
    private const ulong LongLived = 1UL << (16 + Origins.ThisIndex) | 1UL << (40 + Origins.ThisIndex) | 1UL << (16 + Origins.StaticIndex) | 1UL << (40 + Origins.StaticIndex);

    /// <summary>Tells the code fix that a copy of the outermost object is not enough.</summary>
    private static readonly ImmutableDictionary<string, string?> s_deep = ImmutableDictionary<string, string?>.Empty.Add(SharingRules.Deep, "");

    private ISymbol? _member;
    private ulong _pureMask;
    private ulong _scopedMask;
    private ulong _callbackResults;

    /// <summary>The memory of <paramref name="owner"/> is written.</summary>
    private void Mutate(Value owner, IOperation at, IOperation origin, string? member = null)
    {
        if (!_final || owner.Mask == 0)
            return;
        _ = origin;
        ulong mask = owner.Mask & (Origins.Selves | Origins.Inners);
        _summary.Mutates |= mask;
        for (int i = 0; i <= Origins.MaxParameters && member is not null; i++)
        {
            if ((mask & Origins.Self(i)) == 0)
                continue;
            if (!_summary.Assigned.TryGetValue(i, out HashSet<string>? names))
                _summary.Assigned.Add(i, names = new HashSet<string>(StringComparer.Ordinal));
            names.Add(member);
        }
        if (owner.IsShared)
            Report(SharingRules.Change, at.Syntax, owner.Mask, TextOf(at.Syntax), Describe(owner.Mask));
        else if ((owner.Mask & _pureMask) != 0)
            Report(SharingRules.Change, at.Syntax, 0, TextOf(at.Syntax), "this member is marked [Pure]");
    }

    /// <summary>Objects of these origins are given to a method that changes them; <paramref name="inner"/>: those that it reaches through what it is given.</summary>
    private void PassToMutator(ulong mask, SyntaxNode at, CallSite call, int index = -1, ulong inner = ~0UL)
    {
        if (!_final || mask == 0)
            return;
        _summary.Mutates |= mask & (Origins.Selves | Origins.Inners);
        if (index >= 0 && _session.Summaries.CanSummarize(call.Method) && Ask(call.Method).Assigned.TryGetValue(index, out HashSet<string>? names))
        {
            for (int i = 0; i <= Origins.MaxParameters; i++)
            {
                if ((mask & Origins.Self(i)) == 0)
                    continue;
                if (!_summary.Assigned.TryGetValue(i, out HashSet<string>? mine))
                    _summary.Assigned.Add(i, mine = new HashSet<string>(StringComparer.Ordinal));
                mine.UnionWith(names);
            }
        }
        if (Origins.HasSource(mask))
            Report(SharingRules.PassedToMutator, at, mask, Origins.HasSource(mask & inner) ? s_deep : ImmutableDictionary<string, string?>.Empty, [NameOf(call.Method), Describe(mask)]);
        else if ((mask & _pureMask) != 0)
            Report(SharingRules.PassedToMutator, at, 0, NameOf(call.Method), "this member is marked [Pure]");
    }

    /// <summary>What the delegate parameters return: nobody knows how long that lives.</summary>
    private static ulong CallbackResults(IMethodSymbol? method)
    {
        ulong mask = 0;
        if (method is not null)
        {
            foreach (IParameterSymbol p in method.Parameters)
                mask |= p.Type.TypeKind == TypeKind.Delegate ? Origins.Inner(p.Ordinal + 1) : 0;
        }
        return mask;
    }

    private void CheckStore(Place place, Value value, IOperation target)
    {
        if (!_final || place.Owner.IsShared || (place.MemberSymbol is null && place.Name != HeapObject.Elements) || (place.MemberSymbol is { } member && _session.Sources.IsSharedMember(member)))
            return;
        ulong outside = place.Owner.Mask & (Origins.Selves | Origins.Inners) & ~_callbackResults;
        bool keeps = (outside & LongLived) != 0 || (outside != 0 && place.Name != HeapObject.Elements && place.Owner.Sites.Length == 0);
        if (!keeps)
            return;
        ulong mask = StoredOrigins(value);
        if ((mask & _scopedMask) != 0)
            Report(SharingRules.ViewOutlivesScope, target.Syntax, mask & _scopedMask, Describe(mask & _scopedMask));
        else if (Origins.HasSource(mask))
            Report(SharingRules.Stored, target.Syntax, mask, TextOf(target.Syntax), Describe(mask));
    }

    /// <summary>A shared object itself, a new collection or tuple of shared objects, or (where it is kept) a closure over one; not a shallow copy of one.</summary>
    private ulong StoredOrigins(Value value, bool withClosures = true)
    {
        ulong mask = value.Mask;
        foreach (int site in value.Sites)
        {
            if (withClosures && _targets.TryGetValue(site, out Target? target))
                mask |= ClosedOver(site, target);
            foreach (KeyValuePair<string, Value> m in Heap(site).Members)
            {
                if (m.Key == HeapObject.Elements || m.Key.StartsWith("Item", StringComparison.Ordinal))
                    mask |= m.Value.Mask;
            }
        }
        return mask & Origins.Sources;
    }

    private void CheckCollected(CallSite call)
    {
        if (!_final || (call.Receiver.Mask & LongLived) == 0 || call.Receiver.IsShared)
            return;
        string name = call.Method.Name;
        if (!name.StartsWith("Add", StringComparison.Ordinal) && !name.StartsWith("Insert", StringComparison.Ordinal) && !name.StartsWith("TryAdd", StringComparison.Ordinal)
            && !name.StartsWith("Push", StringComparison.Ordinal) && !name.StartsWith("Enqueue", StringComparison.Ordinal) && name is not ("TryUpdate" or "GetOrAdd" or "Set"))
            return;
        ulong mask = 0;
        for (int i = 0; i < call.Values.Length; i++)
        {
            // A range is not kept itself, only its elements are.
            Value kept = name.EndsWith("Range", StringComparison.Ordinal)
                ? Filter(Element(call.Values[i]), _types.ElementType(call.Arguments[i]?.Type ?? call.Method.Parameters[i].Type), call.Operation, 460 + i)
                : call.Values[i];
            mask |= StoredOrigins(kept);
        }
        if (mask != 0)
            Report(SharingRules.Stored, call.Operation.Syntax, mask, TextOf(call.Operation.Syntax), Describe(mask));
    }

    /// <summary>GetOrAdd(key, k => shared): what the factory returns is kept.</summary>
    private void CheckCollectedResult(CallSite call, Dictionary<ITypeParameterSymbol, Value> facts)
    {
        if (!_final || call.Method.Name is not ("GetOrAdd" or "AddOrUpdate") || (call.Receiver.Mask & LongLived) == 0 || call.Receiver.IsShared)
            return;
        ulong mask = StoredOrigins(Build(ElementParameter(call.Method.ContainingType.OriginalDefinition), facts, call.Operation, 480, 0));
        if (mask != 0)
            Report(SharingRules.Stored, call.Operation.Syntax, mask, TextOf(call.Operation.Syntax), Describe(mask));
    }

    /// <summary>An event handler lives as long as the object that raises the event, and keeps what it captured.</summary>
    private void CheckClosure(Value handler, IEventAssignmentOperation operation)
    {
        if (!_final)
            return;
        ulong mask = 0;
        foreach (int site in handler.Sites)
        {
            if (_targets.TryGetValue(site, out Target? target))
                mask |= ClosedOver(site, target);
        }
        if (Origins.HasSource(mask))
            Report(SharingRules.Stored, operation.Syntax, mask, TextOf(operation.EventReference.Syntax), Describe(mask));
    }

    /// <summary>What a delegate keeps alive: the variables that its function captured, or the receiver of its method.</summary>
    private ulong ClosedOver(int site, Target target)
    {
        ulong mask = Member(Value.OfSite(site), ReceiverMember).Mask;
        if ((target.Lambda is not null || target.Method.MethodKind == MethodKind.LocalFunction) && BodyOf(target) is { } body)
            mask |= CapturedOrigins(body.Body, target.Lambda?.Symbol ?? target.Method.OriginalDefinition);
        return mask;
    }

    private ulong CapturedOrigins(ControlFlowGraph body, IMethodSymbol function)
    {
        ulong mask = 0;
        foreach (BasicBlock block in body.Blocks)
        {
            IEnumerable<IOperation> operations = block.BranchValue is null ? block.Operations : block.Operations.Concat(new[] { block.BranchValue });
            foreach (IOperation operation in operations.SelectMany(static o => o.DescendantsAndSelf()))
            {
                ISymbol? variable = operation switch
                {
                    ILocalReferenceOperation local => local.Local,
                    IParameterReferenceOperation parameter => parameter.Parameter,
                    _ => null,
                };
                // A variable of the function itself is not captured; a value that it has is from an earlier round.
                if (variable is not null && !IsDeclaredWithin(variable, function))
                    mask |= GetVariable(variable).Mask;
            }
        }
        return mask;
    }

    private void CheckStoredBack(CallSite call)
    {
        if (!_final || !(call.Method.Name.StartsWith("Set", StringComparison.Ordinal) || call.Method.Name is "TryUpdate" or "Update") || !_session.Symbols.IsRepository(call.Method.ContainingType))
            return;
        for (int i = 0; i < call.Values.Length; i++)
        {
            ulong mask = StoredOrigins(call.Values[i], withClosures: false);
            if (mask != 0 && call.Method.Parameters[i].RefKind is RefKind.None or RefKind.In)
                Report(SharingRules.StoredBack, call.SyntaxOf(i + 1), mask, TextOf(call.SyntaxOf(i + 1)));
        }
    }

    private void CheckBytesMadeWritable(CallSite call)
    {
        if (!_final || !call.Method.IsStatic)
            return;
        bool unlocks = _types.FullName(call.Method.ContainingType) switch
        {
            "System.Runtime.InteropServices.MemoryMarshal" => call.Method.Name is "AsMemory" or "TryGetArray" or "GetReference" or "TryGetMemoryManager",
            "System.Runtime.InteropServices.SequenceMarshal" => call.Method.Name is "TryGetArray",
            "System.Runtime.CompilerServices.Unsafe" => call.Method.Name is "AsRef",
            _ => false,
        };
        if (!unlocks)
            return;
        for (int i = 0; i < call.Values.Length; i++)
        {
            ulong mask = call.Values[i].Mask | (call.Places[i] is { } place && call.Method.Parameters[i].RefKind != RefKind.Out ? place.Owner.Mask : 0);
            if (Origins.HasSource(mask) && _types.FullName(call.Arguments[i]?.Type) is not ("System.Span" or "System.Memory"))
            {
                Report(SharingRules.BytesMadeWritable, call.Operation.Syntax, mask, TextOf(call.Operation.Syntax));
                return;
            }
        }
    }

    private void CheckWritableEscape(CallSite call)
    {
        IMethodSymbol method = call.Method;
        bool virtualWithBody = _session.Summaries.CanSummarize(method);
        if (!_final || virtualWithBody || _session.Contracts.IsPure(method) || method.ContainingType.Name.EndsWith("Assert", StringComparison.Ordinal) || _session.IsOurs(method))
            return;
        for (int i = 0; i < call.Values.Length; i++)
        {
            IParameterSymbol parameter = method.Parameters[i];
            if (call.Values[i].IsShared && parameter.RefKind is RefKind.None or RefKind.In && parameter.OriginalDefinition.Type is not ITypeParameterSymbol { TypeParameterKind: TypeParameterKind.Method } && _types.IsWritableAlias(parameter.Type)
                && !_session.Contracts.IsPureParameter(method, i) && !_session.Contracts.MutatesParameter(method, i) && !_session.Sources.IsSharedParameter(parameter))
                Report(SharingRules.WritableEscape, call.SyntaxOf(i + 1), call.Values[i].Mask, TextOf(call.SyntaxOf(i + 1)), NameOf(method));
        }
    }

    private void CheckReturn(IOperation operation, Value value)
    {
        if (_member is not { } member || !value.IsShared || _session.Symbols.NoCopyAttribute.IsEmpty || (value.Mask & Origins.Sources & ~_scopedMask) == 0)
            return;
        ISymbol visible = member is IMethodSymbol { AssociatedSymbol: { } property } ? property : member;
        if (!visible.IsExternallyVisible() || _session.Sources.IsSharedMember(visible) || (visible is IMethodSymbol m && _session.Sources.ReturnsShared(m)))
            return;
        Report(SharingRules.ReturnedUnmarked, operation.Syntax, value.Mask, visible.Name);
    }

    private void CheckOutParameter(IParameterSymbol parameter, Value value, IOperation target)
    {
        if (!_final || _member is not IMethodSymbol method || !value.IsShared || parameter.RefKind != RefKind.Out || _session.Symbols.NoCopyAttribute.IsEmpty
            || !method.IsExternallyVisible() || _session.Sources.IsSharedOut(method, parameter))
            return;
        Report(SharingRules.ReturnedUnmarked, target.Syntax, value.Mask, method.Name);
    }

    /// <summary>A view that a callback was lent is put into a variable that outlives the callback.</summary>
    private void CheckScopedLeak(ISymbol variable, Value value, IOperation target)
    {
        if (_final && (value.Mask & _scopedMask) != 0 && _function is not null && !IsDeclaredWithin(variable, _function))
            Report(SharingRules.ViewOutlivesScope, target.Syntax, value.Mask & _scopedMask, Describe(value.Mask & _scopedMask));
    }

    private void CheckScopedResult(Value result, ulong scopedBefore, Target target)
    {
        ulong mask = result.Mask & _scopedMask & ~scopedBefore;
        if (_final && mask != 0)
            Report(SharingRules.ViewOutlivesScope, target.Origin.Syntax, mask, Describe(mask));
    }

    private static bool IsDeclaredWithin(ISymbol variable, ISymbol function)
    {
        for (ISymbol? s = variable.ContainingSymbol; s is not null; s = s.ContainingSymbol)
        {
            if (SymbolEqualityComparer.Default.Equals(s, function))
                return true;
        }
        return false;
    }
}
