using MemStorage.Analyzers.Sharing;
using MemStorage.Analyzers.Versions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace MemStorage.Analyzers.Tests;

/// <summary>The analyzers know the names that the runtime marks without looking through it in every compilation.</summary>
public sealed class RuntimeNamesTests
{
    private readonly CSharpCompilation _compilation = AnalyzerHost.Compile(AnalyzerHost.WithRuntime, "");

    private IAssemblySymbol Runtime => _compilation.GetTypeByMetadataName("MemStorage.MemStore")!.ContainingAssembly;

    [Fact]
    public void Every_no_copy_member_of_the_runtime_is_known_by_name() =>
        Assert.Empty(new SharingGate(_compilation, KnownSymbols.Create(_compilation), []).NamesMarkedIn(Runtime));

    [Fact]
    public void Every_result_of_the_runtime_that_must_be_checked_is_known_by_name() =>
        Assert.Empty(VersionNames.NamesMarkedIn(Runtime, VersionSymbols.TryCreate(KnownSymbols.Create(_compilation))!));

    [Fact]
    public void The_runtime_is_recognised() => Assert.True(KnownSymbols.Create(_compilation).IsRuntime(Runtime));
}
