using System.Globalization;
using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;

namespace MemStorage.Generators.Emit;

/// <summary>The facts about the entity that its repository is specialised with.</summary>
internal static class TraitsEmitter
{
    public static string Emit(EntityModel entity)
    {
        string members = Source.Blocks([Descriptor(entity), Key(entity), VersionAccess(entity), IndexEmitter.EmitWriter(entity)]);
        return $$"""
            /// <summary>What the repository must know about <see cref="{{Identifiers.ToXml(entity.Source)}}"/>.</summary>
            public readonly struct Traits : global::MemStorage.Typed.IEntityTraits<{{entity.Key.Type}}, {{entity.Source}}>
            {
            {{members.Indent(1)}}
            }
            """;
    }

    private static string Descriptor(EntityModel entity)
    {
        OptionsModel options = entity.Options;
        List<string> settings = [$"Fingerprint = 0x{entity.Shape.Fingerprint.ToString("X8", CultureInfo.InvariantCulture)}u,"];
        if (options.TimeToLiveTicks != 0)
            settings.Add($"TimeToLive = global::System.TimeSpan.FromTicks({options.TimeToLiveTicks.ToString(CultureInfo.InvariantCulture)}L), // {TimeSpan.FromTicks(options.TimeToLiveTicks).ToString("c", CultureInfo.InvariantCulture)}");
        if (options.Sliding)
            settings.Add("Sliding = true,");
        if (options.JitterPercent != 0)
            settings.Add($"JitterPercent = {options.JitterPercent.ToString(CultureInfo.InvariantCulture)},");
        settings.Add($"SharedInstances = {options.SharedInstances.ToString(CultureInfo.InvariantCulture)},");
        if (entity.Shape.VersionTolerant)
        {
            settings.Add("VersionTolerant = true,");
            settings.Add($"Slots = [{string.Join(", ", entity.Shape.Slots.Where(static s => s.InRecord).Select(static s => "0x" + s.RecordForm.ToString("X12", CultureInfo.InvariantCulture) + "uL"))}],");
        }
        if (entity.Version is not null)
            settings.Add("HasVersion = true,");
        if (entity.Indexes.Count > 0)
            settings.Add($"Indexes = [{string.Join(", ", entity.Indexes.Select(static i => $"new(\"{i.PlainName}\", Ordered: {(i.Part.IsOrdered ? "true" : "false")})"))}],");
        return $$"""
            /// <inheritdoc/>
            public static global::MemStorage.Typed.EntityDescriptor Descriptor { get; } = new({{Identifiers.ToLiteral(options.KeySpace)}})
            {
            {{Source.Lines(settings).Indent(1)}}
            };
            """;
    }

    private static string Key(EntityModel entity)
    {
        string value = entity.Key.IsComposite
            ? $"new({string.Join(", ", entity.Key.Members.Select(static m => "entity." + m.Name))})"
            : "entity." + entity.Key.Members[0].Name;
        string type = entity.Key.Type;
        string write = Source.Member($"public static void WriteKey(ref global::MemStorage.Typed.KeyWriter writer, {type} key)", KeyExpressions.WriteKey(entity.Key, "key"));
        return $$"""
            /// <inheritdoc/>
            public static {{type}} GetKey(in {{entity.Source}} entity) => {{value}};

            /// <inheritdoc/>
            {{write}}

            /// <inheritdoc/>
            public static bool TryReadKey(ref global::MemStorage.Typed.KeyReader reader, out {{type}} key){{KeyReading(entity.Key)}}
            """;
    }

    private static string KeyReading(KeyModel key)
    {
        if (!key.IsComposite && key.Members[0].Part.Kind is not (KeyPartKind.Record or KeyPartKind.Converted))
            return $" =>\n    reader.TryRead(out key{(key.Type == "string" ? "!" : "")}) && reader.AtEnd;";
        (string condition, string value) = KeyExpressions.ReadKey(key);
        return $$"""

            {
                if ({{condition.Indent(1).TrimStart()}})
                {
                    key = {{value}};
                    return true;
                }
                key = default{{(!key.IsComposite && key.Members[0].Part.CanBeNull ? "!" : "")}};
                return false;
            }
            """;
    }

    private static string VersionAccess(EntityModel entity)
    {
        if (entity.Version is not { } version)
            return "";
        string set = version.Setter switch
        {
            VersionSetter.Accessor => $"SetVersionMember({(version.DeclaringIsValueType ? "ref " : "")}entity, version)",
            _ => $"entity.{version.Name} = version",
        };
        string accessor = version.Setter != VersionSetter.Accessor ? "" : $$"""
            // the setter is init-only or not visible; the runtime binds this without reflection
            [global::System.Runtime.CompilerServices.UnsafeAccessor(global::System.Runtime.CompilerServices.UnsafeAccessorKind.Method, Name = "set_{{version.PlainName}}")]
            private static extern void SetVersionMember({{(version.DeclaringIsValueType ? "ref " : "")}}{{version.DeclaringType}} entity, long version);
            """;
        return Source.Blocks(
        [
            $$"""
            /// <inheritdoc/>
            public static long GetVersion(in {{entity.Source}} entity) => entity.{{version.Name}};

            /// <inheritdoc/>
            public static void SetVersion(ref {{entity.Source}} entity, long version) => {{set}};
            """,
            accessor,
        ]);
    }
}
