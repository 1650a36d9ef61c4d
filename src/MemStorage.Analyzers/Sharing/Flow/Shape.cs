namespace MemStorage.Analyzers.Sharing.Flow;

/// <summary>A <see cref="Value"/> cut loose from the method it was computed in: what a caller can be told about a result.</summary>
internal sealed class Shape
{
    public static readonly Shape None = new(0, false, 0, null);

    public Shape(ulong mask, bool isObject, ulong others, IReadOnlyDictionary<string, Shape>? members)
    {
        Mask = mask;
        IsObject = isObject;
        Others = others;
        Members = members;
    }

    /// <summary>The origins of the value itself.</summary>
    public ulong Mask { get; }

    /// <summary>Whether the value may be an object that the method made.</summary>
    public bool IsObject { get; }

    /// <summary>The origin of the members of that object that are not listed.</summary>
    public ulong Others { get; }

    public IReadOnlyDictionary<string, Shape>? Members { get; }

    public bool IsNone => Mask == 0 && Others == 0 && Members is null;

    public Shape Join(Shape other)
    {
        if (other.IsNone)
            return IsObject || !other.IsObject ? this : new Shape(Mask, true, Others, Members);
        if (IsNone)
            return other.IsObject || !IsObject ? other : new Shape(other.Mask, true, other.Others, other.Members);
        Dictionary<string, Shape>? members = null;
        if (Members is not null || other.Members is not null)
        {
            members = new Dictionary<string, Shape>(StringComparer.Ordinal);
            foreach (string name in (Members?.Keys ?? []).Concat(other.Members?.Keys ?? []).Distinct(StringComparer.Ordinal))
                members[name] = MemberOrOthers(name).Join(other.MemberOrOthers(name));
        }
        return new Shape(Mask | other.Mask, IsObject || other.IsObject, Others | other.Others, members);
    }

    private Shape MemberOrOthers(string name) =>
        Members is not null && Members.TryGetValue(name, out Shape? s) ? s : Others == 0 ? None : new Shape(Others, false, 0, null);
}
