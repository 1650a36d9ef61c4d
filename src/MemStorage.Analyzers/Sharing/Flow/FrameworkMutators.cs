using Microsoft.CodeAnalysis;

namespace MemStorage.Analyzers.Sharing.Flow;

/// <summary>What the platform's own methods change. A method that is not here changes nothing: doubt is silence.</summary>
internal static class FrameworkMutators
{
    private static readonly HashSet<string> CollectionMutators = new(StringComparer.Ordinal)
    {
        "Add", "AddRange", "AddFirst", "AddLast", "AddBefore", "AddAfter", "AddOrUpdate", "Insert", "InsertRange", "Remove", "RemoveAt", "RemoveAll", "RemoveRange",
        "RemoveWhere", "RemoveFirst", "RemoveLast", "Clear", "Sort", "Reverse", "Enqueue", "EnqueueRange", "Dequeue", "TryDequeue", "EnqueueDequeue", "DequeueEnqueue",
        "Push", "PushRange", "Pop", "TryPop", "TryPopRange", "TryAdd", "TryRemove", "TryUpdate", "TryTake", "Take", "GetOrAdd", "UnionWith", "IntersectWith", "ExceptWith",
        "SymmetricExceptWith", "TrimExcess", "TrimToSize", "EnsureCapacity", "SetItem", "SetAt", "Move", "Set", "SetAll", "And", "Or", "Xor", "Not", "LeftShift", "RightShift", "SetByIndex",
        "SetRange", "SetValueAtIndex", "CompleteAdding", "GetOrAddValue", "AddAll",
    };

    /// <summary>Names that mean a change on whatever they are called, for calls that are bound at run time.</summary>
    private static readonly HashSet<string> DynamicMutators = new(StringComparer.Ordinal)
    {
        "Add", "AddRange", "Insert", "InsertRange", "Remove", "RemoveAt", "RemoveAll", "RemoveRange", "Clear", "Sort", "Enqueue", "Dequeue", "Push", "Pop", "UnionWith", "ExceptWith", "IntersectWith",
    };

    private static readonly HashSet<string> XmlMutators = new(StringComparer.Ordinal)
    {
        "Add", "AddFirst", "AddAfterSelf", "AddBeforeSelf", "Remove", "RemoveAll", "RemoveNodes", "RemoveAttributes", "ReplaceWith", "ReplaceAll", "ReplaceNodes",
        "ReplaceAttributes", "SetAttributeValue", "SetElementValue", "SetValue", "AppendChild", "PrependChild", "InsertBefore", "InsertAfter", "RemoveChild",
        "ReplaceChild", "SetAttribute", "RemoveAttribute", "Insert", "RemoveAt", "Clear", "RemoveWhere", "SetAt",
    };

    private static readonly HashSet<string> DataMutators = new(StringComparer.Ordinal)
    {
        "Add", "Remove", "RemoveAt", "Clear", "InsertAt", "AcceptChanges", "RejectChanges", "ImportRow", "LoadDataRow", "Merge", "Delete", "SetField", "Reset", "BeginEdit", "EndEdit", "AddRange",
    };

    private static readonly HashSet<string> ArraySubjects = new(StringComparer.Ordinal) { "Sort", "Reverse", "Fill", "Clear", "Initialize", "SetValue" };

    private static readonly HashSet<string> Destinations = new(StringComparer.Ordinal) { "destination", "destinationArray", "dest", "dst", "utf8Destination", "bytesDestination" };

    public static bool IsMutatorName(string name) => DynamicMutators.Contains(name);

    public static bool MutatesReceiver(IMethodSymbol method, TypeFacts types)
    {
        if (method.IsStatic)
            return false;
        string type = types.FullName(method.ContainingType);
        string name = method.Name;
        if (type.StartsWith("System.Collections.", StringComparison.Ordinal))
            return CollectionMutators.Contains(name) && (!TypeFacts.IsReadOnlyCollection(type) || type.EndsWith(".Builder", StringComparison.Ordinal)) && !type.EndsWith("Enumerator", StringComparison.Ordinal);
        switch (type)
        {
            case "System.Array":
                return name is "SetValue" or "Initialize";
            case "System.Span":
                return name is "Fill" or "Clear";
            case "System.Text.StringBuilder":
                return name is "Insert" or "Remove" or "Replace" or "Clear" or "EnsureCapacity" || name.StartsWith("Append", StringComparison.Ordinal);
            case "System.Runtime.CompilerServices.ConditionalWeakTable":
                return CollectionMutators.Contains(name);
        }
        if (type.StartsWith("System.Xml.", StringComparison.Ordinal) || type.StartsWith("System.Text.Json.Nodes.", StringComparison.Ordinal))
            return XmlMutators.Contains(name);
        if (type.StartsWith("System.Data.", StringComparison.Ordinal))
            return DataMutators.Contains(name);
        return type is "System.IO.MemoryStream" or "System.IO.Stream" && name is "Write" or "WriteByte" or "WriteAsync" or "SetLength";
    }

    /// <summary>Whether the call writes to the object passed for <paramref name="parameter"/>.</summary>
    public static bool MutatesParameter(IMethodSymbol method, IParameterSymbol parameter, TypeFacts types)
    {
        string type = types.FullName(method.ContainingType);
        string name = method.Name;
        if (parameter.Type.SpecialType == SpecialType.System_String || types.FullName(parameter.Type) is "System.ReadOnlySpan" or "System.ReadOnlyMemory")
            return false;
        switch (type)
        {
            case "System.Array" when method.IsStatic && ArraySubjects.Contains(name):
                return parameter.Name is "array" or "keys" or "items";
            case "System.MemoryExtensions" when name is "Sort" or "Reverse" or "Replace" or "Shuffle":
                return parameter.Name is "span" or "keys" or "items";
            case "System.Collections.Generic.CollectionExtensions":
                return parameter.Ordinal == 0 && name is "TryAdd" or "Remove" or "AddRange" or "InsertRange" || Destinations.Contains(parameter.Name);
            case "System.Runtime.InteropServices.CollectionsMarshal":
                return parameter.Ordinal == 0 && name is "SetCount" or "GetValueRefOrAddDefault";
            case "System.Random" when name is "NextBytes" or "Shuffle":
                return parameter.Name is "buffer" or "values";
            case "System.Security.Cryptography.RandomNumberGenerator" when name is "GetBytes" or "Fill" or "Shuffle" or "GetNonZeroBytes":
                return parameter.Name is "data" or "values";
            case "System.Security.Cryptography.CryptographicOperations" when name is "ZeroMemory":
                return true;
            case "System.Reflection.PropertyInfo" or "System.Reflection.FieldInfo" when name is "SetValue":
                return parameter.Name == "obj";
            case "System.Buffers.ArrayPool" when name is "Return":
                return parameter.Name == "array";
            case "System.Buffer" when name is "SetByte":
                return parameter.Name == "array";
            case "System.Text.Encoding" when name is "GetBytes" or "GetChars" or "TryGetBytes" or "TryGetChars" && method.ReturnType.SpecialType is SpecialType.System_Int32 or SpecialType.System_Boolean:
                return parameter.Name == (name.EndsWith("GetBytes", StringComparison.Ordinal) ? "bytes" : "chars");
            case "System.Convert" when name.StartsWith("TryFrom", StringComparison.Ordinal):
                return parameter.Name is "bytes";
            case "System.Data.DataRowExtensions" when name is "SetField":
                return parameter.Ordinal == 0;
        }
        if (Destinations.Contains(parameter.Name))
            return true;
        if (name is "CopyTo" or "TryCopyTo" && !(method.IsStatic && parameter.Ordinal == 0))
            return parameter.Type is IArrayTypeSymbol || parameter.Name is "array";
        bool reads = (type.StartsWith("System.IO.", StringComparison.Ordinal) && name.StartsWith("Read", StringComparison.Ordinal))
            || (type.StartsWith("System.Net.", StringComparison.Ordinal) && (name.StartsWith("Receive", StringComparison.Ordinal) || name.StartsWith("Read", StringComparison.Ordinal)));
        return reads && parameter.Name == "buffer" && types.IsWritableAlias(parameter.Type);
    }

    /// <summary>Methods that take a writable reference and only read it.</summary>
    public static bool OnlyReadsReference(IMethodSymbol method) =>
        method.ContainingType.Name is "Volatile" or "Interlocked" && method.Name is "Read"
        || method.ContainingType.Name is "Unsafe" or "MemoryMarshal";
}
