namespace MemStorage;

/// <summary>
/// The value is shared with other callers and must not be changed. The MemStorage analyzers (MST1001 and following) follow such values through
/// the caller's code. Mark your own wrappers of no-copy reads with it.
/// </summary>
[AttributeUsage(AttributeTargets.ReturnValue | AttributeTargets.Parameter | AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Method)]
public sealed class NoCopyAttribute : Attribute
{
}

/// <summary>The result of the method says whether something happened; a caller must look at it (MST2001).</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.ReturnValue | AttributeTargets.Enum | AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class MustCheckAttribute : Attribute
{
}

/// <summary>The method changes its receiver (on a method) or the object passed for the parameter (on a parameter).</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Parameter)]
public sealed class MutatesAttribute : Attribute
{
}

/// <summary>The method changes neither its receiver nor any argument (on a method), or does not change the argument (on a parameter).</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Parameter)]
public sealed class PureAttribute : Attribute
{
}
