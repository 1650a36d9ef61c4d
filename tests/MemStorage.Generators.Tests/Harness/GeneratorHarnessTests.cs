using System.Text;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Testing;
using Microsoft.CodeAnalysis.Text;

namespace MemStorage.Generators.Tests.Harness;

/// <summary>
/// The generator under the testing library of Roslyn: what it writes, to the letter, and what it reports. Incremental steps and compilations with MemoryPack's
/// generator beside it are what that library does not do; the project's own host does.
/// </summary>
public sealed class GeneratorHarnessTests
{
    public static TheoryData<string> Cases => [.. MemStorage.Generators.Tests.Shapes.GeneratedCodeTests.Cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Writes_exactly_the_recorded_files(string name)
    {
        string source = MemStorage.Generators.Tests.Shapes.GeneratedCodeTests.Cases[name];
        Test test = new() { TestState = { Sources = { GeneratorHost.Usings + "\n", source } } };
        foreach ((string file, string text) in GeneratorHost.Generate(GeneratorHost.Compile([source], dependencyInjection: true, assemblyName: "TestProject")))
            test.TestState.GeneratedSources.Add((typeof(MemStorageGenerator), file, SourceText.From(text, new UTF8Encoding(false))));
        await test.RunAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Writes_and_reports_nothing_for_an_entity_that_is_not_sound() => await new Test
    {
        TestState = { Sources = { GeneratorHost.Usings + "\n", "[MemStorageEntity, MemoryPackable] public partial class Order { public int Id { get; init; } }" } },
    }.RunAsync(TestContext.Current.CancellationToken);

    private sealed class Test : CSharpSourceGeneratorTest<MemStorageGenerator, DefaultVerifier>
    {
        public Test()
        {
            ReferenceAssemblies = new ReferenceAssemblies("net10.0");
            TestState.AdditionalReferences.AddRange(References.Runtime);
            TestState.AdditionalReferences.Add(References.DependencyInjection);
            // the repository's base wants MemoryPack's code, which another generator writes: files are compared here, programs elsewhere
            CompilerDiagnostics = CompilerDiagnostics.None;
        }

        protected override CompilationOptions CreateCompilationOptions() =>
            ((Microsoft.CodeAnalysis.CSharp.CSharpCompilationOptions)base.CreateCompilationOptions()).WithNullableContextOptions(NullableContextOptions.Enable);

        protected override ParseOptions CreateParseOptions() => References.ParseOptions;
    }
}
