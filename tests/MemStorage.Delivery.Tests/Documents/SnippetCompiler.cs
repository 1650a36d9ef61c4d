using System.Collections.Immutable;
using System.Reflection;
using MemoryPack;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MemStorage.Delivery.Tests.Documents;

/// <summary>
/// Compiles a block of a page as a reader would, with the generators: its statements become a method body, its types stand beside it. Types of
/// earlier blocks of the page, and then those of <c>Prelude.cs.txt</c>, are known unless the block declares them itself.
/// </summary>
internal static class SnippetCompiler
{
    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.CSharp14, preprocessorSymbols: [.. Enumerable.Range(5, 6).Select(version => $"NET{version}_0_OR_GREATER")]);

    private static readonly CSharpCompilation Empty = CSharpCompilation.Create(
        "Snippet",
        references: ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
        options: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    private static readonly ImmutableArray<ISourceGenerator> Generators =
    [
        .. FromFile(Build.PathOf($"src/MemStorage.Generators/bin/{Build.Configuration}/netstandard2.0/MemStorage.Generators.dll")),
        .. FromFile(Path.Combine(Build.NuGetPackages, "memorypack.generator", MemoryPackVersion, "analyzers/dotnet/cs/MemoryPack.Generator.dll")),
    ];

    private static readonly ImmutableArray<DiagnosticAnalyzer> Analyzers =
    [
        .. AnalyzersOf(Build.PathOf($"src/MemStorage.Generators/bin/{Build.Configuration}/netstandard2.0/MemStorage.Generators.dll")),
        .. AnalyzersOf(Build.PathOf($"src/MemStorage.Analyzers/bin/{Build.Configuration}/netstandard2.0/MemStorage.Analyzers.dll")),
    ];

    private static string MemoryPackVersion =>
        typeof(MemoryPackSerializer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The errors, and what the rules of this product warn of, each with its place in the page.</summary>
    public static async Task<IReadOnlyList<string>> CompileAsync(CodeBlock block, IEnumerable<CodeBlock> earlier, string prelude)
    {
        CompilationUnitSyntax unit = Parse(block.Code);
        HashSet<string> declared = [.. TypesOf(unit).Select(NameOf)];
        List<SyntaxTree> trees = [CSharpSyntaxTree.ParseText(GlobalUsings, ParseOptions), CSharpSyntaxTree.ParseText(Wrap(unit), ParseOptions, path: "block")];
        foreach (string source in earlier.Reverse().Select(other => other.Code).Append(prelude))
        {
            CompilationUnitSyntax context = Parse(source);
            MemberDeclarationSyntax[] types = [.. TypesOf(context).Where(type => declared.Add(NameOf(type)))];
            trees.Add(CSharpSyntaxTree.ParseText($"{context.Usings.ToFullString()}\n{string.Concat(types.Select(type => type.ToFullString()))}", ParseOptions, path: "context"));
        }

        CSharpGeneratorDriver.Create(Generators, parseOptions: ParseOptions).RunGeneratorsAndUpdateCompilation(Empty.AddSyntaxTrees(trees), out Compilation compilation, out _, CancellationToken.None);
        ImmutableArray<Diagnostic> said = await compilation.WithAnalyzers(Analyzers).GetAllDiagnosticsAsync(TestContext.Current.CancellationToken);
        return
        [
            .. said
                .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error
                    || (diagnostic.Severity == DiagnosticSeverity.Warning && diagnostic.Location.SourceTree?.FilePath == "block" && (diagnostic.Id.StartsWith("MST", StringComparison.Ordinal) || diagnostic.Id.StartsWith("AD", StringComparison.Ordinal))))
                .Select(diagnostic => $"{Where(diagnostic.Location, block)}: {diagnostic.Id} {diagnostic.GetMessage()}"),
        ];
    }

    private const string GlobalUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using MemoryPack;
        global using MemStorage;
        global using MemStorage.Extensions;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Hosting;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        """;

    /// <summary>A page shows top-level statements; here they are the body of a method that sees the prelude's variables as fields, which locals may hide.</summary>
    private static string Wrap(CompilationUnitSyntax unit)
    {
        if (!unit.Members.OfType<GlobalStatementSyntax>().Any())
            return unit.ToFullString();
        string statements = string.Concat(unit.Members.OfType<GlobalStatementSyntax>().Select(statement => statement.ToFullString()));
        string types = string.Concat(unit.Members.Where(member => member is not GlobalStatementSyntax).Select(member => member.ToFullString()));
        string async = statements.Contains("await ", StringComparison.Ordinal) ? "async Task" : "void";
        return $"using static Prelude;\n{unit.Usings.ToFullString()}\nstatic class Block\n{{\nstatic {async} Run()\n{{\n{statements}\n}}\n}}\n{types}";
    }

    private static string Where(Location location, CodeBlock block)
    {
        string text = location.SourceTree?.GetText().Lines[location.GetLineSpan().StartLinePosition.Line].ToString().Trim() ?? "";
        return $"{block} ({location.SourceTree?.FilePath}) `{text}`";
    }

    private static CompilationUnitSyntax Parse(string code) => (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(code, ParseOptions).GetRoot();

    private static IEnumerable<MemberDeclarationSyntax> TypesOf(CompilationUnitSyntax unit) => unit.Members.Where(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax);

    private static string NameOf(MemberDeclarationSyntax type) => type is BaseTypeDeclarationSyntax named ? named.Identifier.Text : ((DelegateDeclarationSyntax)type).Identifier.Text;

    private static ImmutableArray<DiagnosticAnalyzer> AnalyzersOf(string path)
    {
        Assert.True(File.Exists(path), $"{path} is missing");
        return new AnalyzerFileReference(path, Loader.Instance).GetAnalyzers(LanguageNames.CSharp);
    }

    private static IEnumerable<ISourceGenerator> FromFile(string path)
    {
        Assert.True(File.Exists(path), $"{path} is missing");
        return new AnalyzerFileReference(path, Loader.Instance).GetGenerators(LanguageNames.CSharp);
    }

    private sealed class Loader : IAnalyzerAssemblyLoader
    {
        public static readonly Loader Instance = new();

        public void AddDependencyLocation(string fullPath)
        {
        }

        public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
    }
}
