using MemStorage.Generators.Model;

namespace MemStorage.Generators.Emit;

/// <summary>The registration of the serializers that MemoryPack would otherwise look for by reflection.</summary>
internal static class FormatterEmitter
{
    public static string Emit(EntityModel entity)
    {
        if (entity.Formatters.Count == 0)
            return "";
        string lines = Source.Lines(entity.Formatters.Select(static f => f.Formatter is null
            ? $"global::MemoryPack.MemoryPackFormatterProvider.Register<{f.Type}>();"
            : $"if (!global::MemoryPack.MemoryPackFormatterProvider.IsRegistered<{f.Type}>())\n    global::MemoryPack.MemoryPackFormatterProvider.Register(new {f.Formatter}());"));
        return $$"""
            // registered serializers are found without reflection, so that they survive trimming and Native AOT
            static {{entity.RepositoryName}}()
            {
            {{lines.Indent(1)}}
            }
            """;
    }
}
