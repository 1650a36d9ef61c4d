using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace MemStorage.Generators.Tests.Infrastructure;

/// <summary>The ways in which a project is seen by another: by an editor, by a build, and by a build without reference assemblies.</summary>
internal static class Views
{
    /// <summary>As a compilation, as an assembly, as a reference assembly.</summary>
    public static IEnumerable<MetadataReference> Of(CSharpCompilation project) =>
    [
        project.ToMetadataReference(),
        Emit(project, new EmitOptions()),
        Emit(project, new EmitOptions(metadataOnly: true, includePrivateMembers: false)),
    ];

    private static PortableExecutableReference Emit(CSharpCompilation project, EmitOptions options)
    {
        // warnings of the other project are its own business
        project = project.WithOptions(project.Options.WithGeneralDiagnosticOption(ReportDiagnostic.Default));
        using MemoryStream image = new();
        EmitResult result = project.Emit(image, options: options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics));
        return MetadataReference.CreateFromImage(image.ToArray());
    }
}
