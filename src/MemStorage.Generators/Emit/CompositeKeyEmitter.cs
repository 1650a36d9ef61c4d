using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;

namespace MemStorage.Generators.Emit;

/// <summary>The struct of a composite key.</summary>
internal static class CompositeKeyEmitter
{
    public static string Emit(EntityModel entity)
    {
        if (!entity.Key.IsComposite)
            return "";
        string documents = Source.Lines(entity.Key.Members.Select(m =>
            $"/// <param name=\"{m.PlainName}\">The part that comes from {m.Reference}.</param>"));
        string parameters = string.Join(", ", entity.Key.Members.Select(static m => $"{m.Part.Type} {KeyExpressions.MemberOf(m)}"));
        return $$"""
            /// <summary>The key of a <see cref="{{Identifiers.ToXml(entity.Source)}}"/>.</summary>
            {{documents}}
            {{Source.Attributes(entity.BreaksClsCompliance)}}
            {{entity.Accessibility}} readonly record struct {{entity.PlainName}}Key({{parameters}});
            """;
    }
}
