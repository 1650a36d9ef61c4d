using Microsoft.CodeAnalysis;

namespace MemStorage.Analyzers.Sharing.Flow;

// The state: values of variables, contents of objects made here.
internal sealed partial class MethodFlow
{
    private int Id(object item, Kind kind, int extra = 0)
    {
        var key = (item, (int)kind, extra);
        if (!_ids.TryGetValue(key, out int id))
            _ids.Add(key, id = _ids.Count + 1);
        return id;
    }

    private FlowFact? Get(int id) => IntMap.Get(_state, id);

    private void SetFact(int id, FlowFact fact) => _state = fact is Value { IsNone: true } ? IntMap.Remove(_state, id) : IntMap.Set(_state, id, fact);

    private Value GetVariable(ISymbol variable) => Get(Id(variable, Kind.Variable)) as Value ?? Value.None;

    /// <summary>Rebinds a variable: whatever it was before is forgotten. A struct is copied.</summary>
    private void SetVariable(ISymbol variable, Value value, object origin)
    {
        ITypeSymbol? type = variable switch { ILocalSymbol l => l.Type, IParameterSymbol p => p.Type, _ => null };
        SetFact(Id(variable, Kind.Variable), CopyIfStruct(value, type, origin));
    }

    private int SiteOf(object origin, int extra) => Id(origin, Kind.Site, extra);

    private Value NewSite(object origin, int extra, HeapObject content, ulong mask = 0)
    {
        int site = SiteOf(origin, extra);
        SetHeap(site, content);
        return Value.OfSite(site, mask);
    }

    private HeapObject Heap(int site) => Get(site) as HeapObject ?? HeapObject.Fresh;

    private void SetHeap(int site, HeapObject content) => _state = IntMap.Set(_state, site, content);

    private Value CopyIfStruct(Value value, ITypeSymbol? type, object origin) =>
        value.IsNone || _types.CarrierOf(type) != Carrier.Struct ? value : ShallowCopy(value, origin, 2);

    /// <summary>A new object with the members of the old: <c>with</c>, <c>MemberwiseClone</c>, assignment of a struct.</summary>
    private Value ShallowCopy(Value original, object origin, int extra)
    {
        HeapObject? copy = original.Mask == 0 ? null : HeapObject.CopyOf(Origins.Through(original.Mask));
        foreach (int site in original.Sites)
        {
            HeapObject h = Heap(site);
            copy = copy is null ? h : (HeapObject)copy.Join(h);
        }
        return NewSite(origin, extra, copy ?? HeapObject.Fresh);
    }

    private Value Member(Value holder, string name)
    {
        Value result = Value.Of(Origins.Through(holder.Mask));
        foreach (int site in holder.Sites)
        {
            HeapObject h = Heap(site);
            result = result.Join(name != HeapObject.Elements && !h.Knows(name) && h.Knows(HeapObject.Elements) && h.Others == 0 ? h.Get(HeapObject.Elements) : h.Get(name));
        }
        return result;
    }

    private Value Element(Value holder) => Member(holder, HeapObject.Elements);

    private void SetMember(Value holder, string name, Value value)
    {
        bool strong = holder.Sites.Length == 1 && name != HeapObject.Elements;
        foreach (int site in holder.Sites)
        {
            HeapObject h = Heap(site);
            SetHeap(site, h.With(name, strong ? value : h.Get(name).Join(value)));
        }
    }

    /// <summary>Everything that can be reached from the objects made here, as origins.</summary>
    private ulong Reach(Value value, int depth = 0)
    {
        if (depth > 4)
            return 0;
        ulong mask = 0;
        foreach (int site in value.Sites)
        {
            HeapObject h = Heap(site);
            mask |= h.Others;
            foreach (KeyValuePair<string, Value> member in h.Members)
            {
                if (member.Key != ReceiverMember)
                    mask |= member.Value.Mask | Reach(member.Value, depth + 1);
            }
        }
        return mask;
    }

    private Shape ShapeOf(Value value, int depth)
    {
        if (value.IsNone)
            return Shape.None;
        if (value.Sites.Length == 0 || depth > 3)
            return new Shape(value.Mask, value.Sites.Length > 0, 0, null);
        HeapObject joined = Heap(value.Sites[0]);
        for (int i = 1; i < value.Sites.Length; i++)
            joined = (HeapObject)joined.Join(Heap(value.Sites[i]));
        Dictionary<string, Shape>? members = null;
        foreach (KeyValuePair<string, Value> m in joined.Members)
            (members ??= new Dictionary<string, Shape>(StringComparer.Ordinal))[m.Key] = ShapeOf(m.Value, depth + 1);
        return new Shape(value.Mask, true, joined.Others, members);
    }

    /// <summary>What a value of this type can carry; a struct read out of a shared object becomes an object of its own.</summary>
    private Value Filter(Value value, ITypeSymbol? type, object origin, int extra = 3)
    {
        if (value.IsNone)
            return value;
        switch (_types.CarrierOf(type))
        {
            case Carrier.Nothing:
                return Value.None;
            case Carrier.Delegate:
                return value.WithoutMask();
            case Carrier.Struct when value.Mask != 0:
                HeapObject content = HeapObject.CopyOf(value.Mask);
                foreach (int site in value.Sites)
                    content = (HeapObject)content.Join(Heap(site));
                return NewSite(origin, extra, content);
            default:
                return value;
        }
    }
}
