using System.Runtime.ExceptionServices;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Emit;

namespace MemStorage.Generators.Tests.Infrastructure;

/// <summary>Compiles a source with everything generated for it, warnings being errors, and runs it in this process.</summary>
internal static class CompiledProgram
{
    /// <summary>Builds the source and calls its <c>static void Program.Run(MemStore)</c>.</summary>
    public static void Run(string source, bool dependencyInjection = false) => Run(GeneratorHost.Compile(source, dependencyInjection));

    /// <summary>Builds a compilation and calls its <c>static void Program.Run(MemStore)</c>.</summary>
    public static void Run(Compilation compilation)
    {
        Assembly assembly = Load(GeneratorHost.Build(compilation));
        using MemStore store = new();
        Invoke(assembly, store);
    }

    /// <summary>Builds, with its own assembly for each source; later ones refer to earlier ones. The last one has the program.</summary>
    public static void RunProjects(bool dependencyInjection, params string[] projects)
    {
        List<MetadataReference> references = [];
        Assembly? last = null;
        AssemblyLoadContext context = new("projects", isCollectible: true);
        foreach ((string source, int i) in projects.Select(static (s, i) => (s, i)))
        {
            Compilation built = GeneratorHost.Build(GeneratorHost.Compile([source], dependencyInjection, assemblyName: "Project." + i, references: references));
            byte[] image = Emit(built);
            references.Add(MetadataReference.CreateFromImage(image));
            last = context.LoadFromStream(new MemoryStream(image));
        }
        using MemStore store = new();
        Invoke(last!, store);
    }

    /// <summary>Builds and loads for good: mocking libraries make types of their own from the program's, which outlive a context that can be unloaded.</summary>
    public static Assembly LoadForGood(Compilation compilation) =>
        new AssemblyLoadContext(compilation.AssemblyName, isCollectible: false).LoadFromStream(new MemoryStream(Emit(GeneratorHost.Build(compilation))));

    private static void Invoke(Assembly assembly, MemStore store)
    {
        MethodInfo run = assembly.GetTypes().Single(static t => t.Name == "Program").GetMethod("Run", BindingFlags.Static | BindingFlags.Public)!;
        try
        {
            run.Invoke(null, [store]);
        }
        catch (TargetInvocationException e) when (e.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
        }
    }

    /// <summary>Loads a compilation into a context of its own.</summary>
    public static Assembly Load(Compilation compilation) =>
        new AssemblyLoadContext(compilation.AssemblyName, isCollectible: true).LoadFromStream(new MemoryStream(Emit(compilation)));

    private static byte[] Emit(Compilation compilation)
    {
        using MemoryStream image = new();
        using MemoryStream documentation = new();
        EmitResult result = compilation.Emit(image, xmlDocumentationStream: documentation, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics));
        return image.ToArray();
    }
}
