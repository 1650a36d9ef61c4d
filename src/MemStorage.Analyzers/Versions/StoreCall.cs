using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions;

/// <summary>What a call does to the store.</summary>
internal enum StoreCallKind
{
    /// <summary>Reads the entry of one key.</summary>
    Read,

    /// <summary>Reads entries whose keys are not in sight (<c>All</c>, <c>GetMany</c>, <c>FindBy…</c>).</summary>
    ReadMany,

    /// <summary>Stores one entry.</summary>
    Write,

    /// <summary>Deletes one entry.</summary>
    Delete,
}

/// <summary>A call of a typed repository, a <c>MemStore</c> or a <c>KeySpace</c>, taken apart into the parts that the version rules compare.</summary>
internal sealed class StoreCall
{
    private StoreCall(IInvocationOperation invocation, StoreCallKind kind, bool typed)
    {
        Invocation = invocation;
        Kind = kind;
        Typed = typed;
    }

    public IInvocationOperation Invocation { get; }

    public StoreCallKind Kind { get; }

    /// <summary>Whether the receiver is a typed repository.</summary>
    public bool Typed { get; }

    public string Name => Invocation.TargetMethod.Name;

    /// <summary>Whether a refusal throws.</summary>
    public bool Throws => Name.EndsWith("OrThrow", StringComparison.Ordinal);

    /// <summary>The arguments that form the key, in order. Empty where the key is inside the entity.</summary>
    public ImmutableArray<IOperation> Key { get; private set; } = ImmutableArray<IOperation>.Empty;

    /// <summary>The entity or item that is written.</summary>
    public IOperation? Value { get; private set; }

    /// <summary>The version that the write is compared with.</summary>
    public IOperation? Version { get; private set; }

    /// <summary>The <c>out</c> arguments of a read: what was read, or information about it.</summary>
    public ImmutableArray<IArgumentOperation> OutValues { get; private set; } = ImmutableArray<IArgumentOperation>.Empty;

    /// <summary>Whether options are passed, in which a version or a condition may stand.</summary>
    public bool HasOptions { get; private set; }

    /// <summary>The <c>out</c> argument that receives a version.</summary>
    public IArgumentOperation? OutVersion { get; private set; }

    /// <summary>Whether the write happens only on the version given (also that inside the entity, with <c>TryUpdate</c>).</summary>
    public bool Compares => Version is not null || Name == "TryUpdate";

    /// <summary>Takes a call apart; null when it is not one of ours or not one the rules know.</summary>
    public static StoreCall? TryRead(IInvocationOperation invocation, VersionSymbols symbols)
    {
        IMethodSymbol method = invocation.TargetMethod;
        if (method.IsStatic || invocation.Instance is null || Classify(method.Name) is not { } kind)
            return null;
        bool typed = symbols.Known.IsRepository(method.ContainingType);
        if (!typed && !symbols.Known.IsByteStore(method.ContainingType))
            return null;

        var call = new StoreCall(invocation, kind, typed);
        var key = ImmutableArray.CreateBuilder<IOperation>();
        var outs = ImmutableArray.CreateBuilder<IArgumentOperation>();
        bool keyEnded = typed && kind == StoreCallKind.Write;
        foreach (IArgumentOperation argument in invocation.Arguments.OrderBy(static a => a.Parameter?.Ordinal ?? int.MaxValue))
        {
            if (argument.Parameter is not { } parameter)
                continue;
            if (parameter.RefKind == RefKind.Out)
            {
                if (parameter.Type.SpecialType == SpecialType.System_Int64)
                    call.OutVersion = argument;
                else
                    outs.Add(argument);
                keyEnded = true;
            }
            else if (parameter.Name is "version" or "expectedVersion" && parameter.Type.SpecialType == SpecialType.System_Int64)
            {
                if (argument.ArgumentKind != ArgumentKind.DefaultValue)
                    call.Version = argument.Value;
                keyEnded = true;
            }
            else if (kind == StoreCallKind.Write && call.Value is null && (typed || key.Count > 0))
            {
                call.Value = argument.Value;
                keyEnded = true;
            }
            else if (!keyEnded && IsKeyPart(parameter))
            {
                key.Add(argument.Value);
            }
            else
            {
                keyEnded = true;
                call.HasOptions |= parameter.Type.Name == "EntitySetOptions";
            }
        }
        call.Key = key.ToImmutable();
        call.OutValues = outs.ToImmutable();
        return call;
    }

    private static StoreCallKind? Classify(string name) => name switch
    {
        "Get" or "TryGet" or "GetNoCopy" or "TryGetNoCopy" or "TryGetInfo" or "TryGetVersion" or "GetOrCreate" or "GetOrCreateAsync" => StoreCallKind.Read,
        "GetMany" or "GetManyNoCopy" or "All" or "BatchGet" or "BatchGetNoCopy" => StoreCallKind.ReadMany,
        "Set" or "SetOrThrow" or "SetMany" or "TryUpdate" => StoreCallKind.Write,
        "Delete" or "DeleteOrThrow" => StoreCallKind.Delete,
        _ => name.StartsWith("FindBy", StringComparison.Ordinal) ? StoreCallKind.ReadMany : null,
    };

    /// <summary>The key stands first; what follows it is recognised by its type or, where that could be a key too, by its name.</summary>
    private static bool IsKeyPart(IParameterSymbol parameter) =>
        parameter.Type.TypeKind != TypeKind.Delegate
        && parameter.Type.Name is not ("CancellationToken" or "TimeSpan" or "IBufferWriter" or "Span")
        && parameter.Name is not ("state" or "options" or "expireAt" or "timeToLive" or "destination" or "entity");
}
