using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Tests.Shapes;

/// <summary>Runs a source whose program compares with <c>Check</c>.</summary>
internal static class ShapeProgram
{
    private const string Check =
        """

        static class Check
        {
            public static void Equal<T>(T expected, T actual, [System.Runtime.CompilerServices.CallerLineNumber] int line = 0)
            {
                if (!EqualityComparer<T>.Default.Equals(expected, actual))
                    throw new Exception($"line {line}: expected {expected}, got {actual}");
            }

            public static void Same<T>(IEnumerable<T> expected, IEnumerable<T> actual, [System.Runtime.CompilerServices.CallerLineNumber] int line = 0)
            {
                if (!expected.SequenceEqual(actual))
                    throw new Exception($"line {line}: expected {string.Join(",", expected)}, got {string.Join(",", actual)}");
            }
        }
        """;

    public static void Run(string source, bool dependencyInjection = false) => CompiledProgram.Run(source + Check, dependencyInjection);

    /// <summary>The same in an older language, without nullable reference types.</summary>
    public static void RunOld(string source)
    {
        CSharpCompilation compilation = GeneratorHost.Compile([source + Check], language: LanguageVersion.CSharp12);
        CompiledProgram.Run(compilation.WithOptions(compilation.Options.WithNullableContextOptions(NullableContextOptions.Disable)));
    }

    /// <summary>One assembly for each source; <c>Check</c> is in the last.</summary>
    public static void RunProjects(params string[] sources) => CompiledProgram.RunProjects(dependencyInjection: false, [.. sources[..^1], sources[^1] + Check]);

    /// <summary>The same, with the abstractions of dependency injection.</summary>
    public static void RunProjectsWithServices(params string[] sources) => CompiledProgram.RunProjects(dependencyInjection: true, [.. sources[..^1], sources[^1] + Check]);
}
