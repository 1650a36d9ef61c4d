using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace MemStorage.Tests.References;

/// <summary>How a compiler extension meets a referenced project.</summary>
public enum ReferenceKind
{
    /// <summary>As a compilation with its syntax: workspaces (Visual Studio, <c>dotnet format</c>).</summary>
    Compilation,

    /// <summary>As a whole assembly: packages, and builds without reference assemblies.</summary>
    Metadata,

    /// <summary>As a reference assembly without bodies and private members: <c>dotnet build</c> between projects.</summary>
    ReferenceAssembly,
}

/// <summary>
/// "Tests meet references both ways": a project as a reference of another, in each of the ways that a compiler extension can meet it.
/// What is found must not depend on the way, or the editor and the build would disagree.
/// </summary>
internal static class ProjectReferenceKinds
{
    /// <summary>All ways.</summary>
    public static ImmutableArray<ReferenceKind> All { get; } = [.. Enum.GetValues<ReferenceKind>()];

    /// <summary>The project as a reference.</summary>
    public static MetadataReference ReferredToAs(this CSharpCompilation project, ReferenceKind kind)
    {
        if (kind == ReferenceKind.Compilation)
            return project.ToMetadataReference();
        using var image = new MemoryStream();
        EmitResult result = project.Emit(image, options: new EmitOptions(metadataOnly: kind == ReferenceKind.ReferenceAssembly, includePrivateMembers: kind != ReferenceKind.ReferenceAssembly));
        if (!result.Success)
            throw new InvalidOperationException("The referenced project does not compile: " + string.Join(Environment.NewLine, result.Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error).Take(5)));
        return MetadataReference.CreateFromImage(image.ToArray());
    }
}
