using MemStorage.Generators.Model;

namespace MemStorage.Generators.Emit;

/// <summary>The registration of the serializers that MemoryPack would otherwise look for by reflection.</summary>
internal static class FormatterEmitter
{
    public static string Emit(EntityModel entity)
    {
        if (entity.Formatters.Count == 0)
            return "";
        string lines = Source.Lines(entity.Formatters.Select(Registration));
        return $$"""
            // registered serializers are found without reflection, so that they survive trimming and Native AOT
            static {{entity.RepositoryName}}()
            {
            {{lines.Indent(1)}}
            }
            """;
    }

    private static string Registration(FormatterModel formatter)
    {
        const string serializers = "global::MemStorage.Typed.Serializers";
        return formatter switch
        {
            { Formatter: null } => $"{serializers}.Register<{formatter.Type}>();",
            { Replaces: true } => $"{serializers}.Replace(new {formatter.Formatter}());",
            _ => $"{serializers}.TryRegister(new {formatter.Formatter}());",
        };
    }
}
