using MemStorage.Generators.Infrastructure;

namespace MemStorage.Generators.Model;

/// <summary>The key of an entity.</summary>
/// <param name="Type">The key's type as source names it from inside the repository; for a composite key the generated struct.</param>
/// <param name="Members">The marked members in order: one, or the parts of a composite key.</param>
internal sealed record KeyModel(string Type, EquatableArray<KeyMemberModel> Members)
{
    /// <summary>Whether a struct is generated for the key.</summary>
    public bool IsComposite => Members.Count > 1;
}

/// <summary>A member of the entity that is the key or a part of it.</summary>
/// <param name="Name">Its name as source writes it.</param>
/// <param name="PlainName">Its name without escapes.</param>
/// <param name="Parameter">The name of a parameter for it.</param>
/// <param name="Part">Its type and how it is written.</param>
/// <param name="Reference">What documentation says for it; empty where none is written.</param>
internal sealed record KeyMemberModel(string Name, string PlainName, string Parameter, KeyPartModel Part, string Reference);

/// <summary>A type that can be (part of) a key.</summary>
/// <param name="Type">The type as source names it.</param>
/// <param name="Kind">How it is written.</param>
/// <param name="Underlying">For an enum: its integer type.</param>
/// <param name="Parts">For a type of several parts: them. For a converted one: what it is converted to.</param>
/// <param name="Maker">What makes a value of its parts: <c>new Shop.OrderId</c>, <c>Shop.OrderId.From</c>. For a converted one: the converter.</param>
/// <param name="ByInitializer">Whether the parts are assigned in an initializer instead of being arguments.</param>
/// <param name="CanBeNull">Whether a variable of the type can hold null.</param>
internal sealed record KeyPartModel(
    string Type, KeyPartKind Kind, string Underlying, EquatableArray<KeyMemberModel> Parts, string Maker = "", bool ByInitializer = false, bool CanBeNull = false)
{
    /// <summary>Whether values of the type have an order that a range can mean.</summary>
    public bool IsOrdered => Kind is KeyPartKind.Primitive && Type is not ("bool" or "global::System.Guid");
}

/// <summary>How a key part is written.</summary>
internal enum KeyPartKind
{
    /// <summary>The key writer knows the type.</summary>
    Primitive,

    /// <summary>As its integer.</summary>
    Enum,

    /// <summary>Part by part.</summary>
    Record,

    /// <summary>As what a converter of the user makes of it.</summary>
    Converted,
}
