using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Tests.Shapes;

/// <summary>"and per assembly AddMemStorageRepositories(this IServiceCollection)", found where every host looks for such methods.</summary>
public sealed class RegistrationTests
{
    private const string Services =
        """

        sealed class ServiceCollectionStub : List<ServiceDescriptor>, IServiceCollection;

        sealed class Provider(MemStore store, IServiceCollection services) : IServiceProvider
        {
            public object? GetService(Type type) =>
                type == typeof(MemStore) ? store : services.Single(s => s.ServiceType == type).ImplementationFactory!(this);
        }
        """;

    [Fact]
    public void Each_repository_is_registered_once_by_its_class_and_its_interface() => ShapeProgram.Run(
        """
        using Microsoft.Extensions.DependencyInjection;

        [MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey] public int Id { get; init; } }
        [MemStorageEntity, MemoryPackable] internal partial class Line { [MemStorageKey] public string Id { get; init; } = ""; }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                ServiceCollectionStub services = new();
                services.AddMemStorageRepositories();
                services.AddMemStorageRepositories();
                services.AddSampleRepositories();
                Check.Same(
                    ["ILineRepository", "IMemStorageRepository`2", "IMemStorageRepository`2", "IOrderRepository", "LineRepository", "OrderRepository"],
                    services.Select(s => s.ServiceType.Name).Order(StringComparer.Ordinal));
                Check.Equal(true, services.All(s => s.Lifetime == ServiceLifetime.Singleton));
                Provider provider = new(store, services);
                Check.Equal(store.Orders(), provider.GetRequiredService<OrderRepository>());
                Check.Equal<object>(store.Orders(), provider.GetRequiredService<IMemStorageRepository<int, Order>>());
                Check.Equal<object>(store.Orders(), provider.GetRequiredService<IOrderRepository>());
                Check.Equal<object>(store.Lines(), provider.GetRequiredService<IMemStorageRepository<string, Line>>());
            }
        }
        """ + Services, dependencyInjection: true);

    // the tests of a service see its internals and have no entities: they call the method of the service
    [Fact]
    public void Of_two_projects_with_entities_each_is_registered_under_its_own_name_and_the_short_one_is_that_of_the_caller() => ShapeProgram.RunProjectsWithServices(
        """
        namespace Domain;
        [MemStorageEntity, MemoryPackable] public partial class Product { [MemStorageKey] public int Id { get; init; } }
        """,
        """
        [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("Project.2")]
        namespace Service;
        using Microsoft.Extensions.DependencyInjection;
        [MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey] public int Id { get; init; } public Domain.Product? Product { get; set; } }
        public static class Startup { public static IServiceCollection Configure(IServiceCollection services) => services.AddMemStorageRepositories().AddProject0Repositories(); }
        """,
        """
        using Microsoft.Extensions.DependencyInjection;
        using Domain;
        using Service;

        public static class Program
        {
            public static void Run(MemStore store)
            {
                ServiceCollectionStub services = new();
                Startup.Configure(services);
                Check.Same(["OrderRepository", "ProductRepository"], services.Where(s => s.ServiceType.IsClass).Select(s => s.ServiceType.Name).Order());
                Provider provider = new(store, services);
                Check.Equal(store.Orders(), provider.GetRequiredService<OrderRepository>());
                Check.Equal(store.Products(), provider.GetRequiredService<ProductRepository>());

                ServiceCollectionStub again = new();
                again.AddMemStorageRepositories();
                Check.Same(["OrderRepository"], again.Where(s => s.ServiceType.IsClass).Select(s => s.ServiceType.Name));
            }
        }
        """ + Services);

    /// <summary>"AddMemStorageRepositories() registers the repositories of the assembly that calls it": also where it sees the internals of others that have one.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_project_with_entities_of_its_own_that_sees_the_internals_of_another_calls_its_own_method(bool asMetadata)
    {
        const string friend = "[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"Tests\")]";
        MetadataReference first = Project("First", $$"""
            {{friend}} [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("Second")]
            namespace First; [MemStorageEntity, MemoryPackable] internal partial class Order { [MemStorageKey] public int Id { get; init; } }
            """, asMetadata);
        MetadataReference second = Project("Second", $$"""
            {{friend}}
            namespace Second; using Microsoft.Extensions.DependencyInjection;
            [MemStorageEntity, MemoryPackable] public partial class Line { [MemStorageKey] public int Id { get; init; } }
            static class Startup { static void It(IServiceCollection services) => services.AddMemStorageRepositories().AddFirstRepositories(); }
            """, asMetadata, first);
        CSharpCompilation tests = GeneratorHost.Build(GeneratorHost.Compile(
            [
                """
                using First; using Second; using Microsoft.Extensions.DependencyInjection;
                [MemStorageEntity, MemoryPackable] internal partial class Probe { [MemStorageKey] public int Id { get; init; } }
                static class Use
                {
                    static void It(IServiceCollection services, MemStore store)
                    {
                        services.AddMemStorageRepositories().AddFirstRepositories().AddSecondRepositories().AddTestsRepositories();
                        _ = (store.Orders(), store.Lines(), store.Probes());
                    }
                }
                """,
            ],
            dependencyInjection: true,
            assemblyName: "Tests",
            references: [first, second]));
        SyntaxTree use = tests.SyntaxTrees.Single(static t => t.FilePath == "File0.cs");
        IMethodSymbol called = use.GetRoot(TestContext.Current.CancellationToken).DescendantNodes().OfType<Microsoft.CodeAnalysis.CSharp.Syntax.InvocationExpressionSyntax>()
            .Select(i => (IMethodSymbol)tests.GetSemanticModel(use).GetSymbolInfo(i, TestContext.Current.CancellationToken).Symbol!).Single(static m => m.Name == "AddMemStorageRepositories");
        Assert.Equal("Tests", called.ContainingAssembly.Name);
    }

    /// <summary>Entities of two assemblies whose generated names are the same, where one sees the other: told, or no matter.</summary>
    [Theory]
    [InlineData(false, "internal", "Shop", "Order", "Shop", "Order", true)]
    [InlineData(true, "internal", "Shop", "Order", "Shop", "Order", true)]
    [InlineData(false, "public", "Shop", "Person", "Shop", "People", true)]
    [InlineData(true, "public", "Shop", "Person", "Shop", "People", true)]
    [InlineData(true, "public", "", "Person", "", "People", true)]
    [InlineData(false, "internal", "Shop", "Order", "Tests", "Order", false)]
    [InlineData(true, "internal", "Shop", "Order", "Tests", "Order", false)]
    [InlineData(true, "public", "Shop", "Order", "Shop", "Line", false)]
    public void Names_of_two_assemblies(bool asMetadata, string accessibility, string firstSpace, string first, string secondSpace, string second, bool told)
    {
        MetadataReference other = Project("First", "[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"Tests\")]\n" + Entity(accessibility, firstSpace, first), asMetadata);
        CSharpCompilation compilation = GeneratorHost.Compile([Entity("internal", secondSpace, second)], dependencyInjection: true, assemblyName: "Tests", references: [other]);
        Assert.Equal(told ? ["MST0011"] : [], GeneratorHost.Analyze(compilation, new MemStorage.Generators.Shape.EntityShapeAnalyzer()).Select(static d => d.Id));
        if (!told)
            Assert.NotNull(GeneratorHost.Build(compilation));
        static string Entity(string accessibility, string space, string name) =>
            $"{(space.Length == 0 ? "" : $"namespace {space};")} [MemStorageEntity, MemoryPackable] {accessibility} partial class {name} {{ [MemStorageKey] public int Id {{ get; init; }} }}";
    }

    private static MetadataReference Project(string name, string source, bool asMetadata, params MetadataReference[] references)
    {
        CSharpCompilation built = GeneratorHost.Build(GeneratorHost.Compile([source], dependencyInjection: true, assemblyName: name, references: references));
        if (!asMetadata)
            return built.ToMetadataReference();
        using MemoryStream image = new();
        Assert.True(built.Emit(image, cancellationToken: TestContext.Current.CancellationToken).Success);
        return MetadataReference.CreateFromImage(image.ToArray());
    }

    [Theory]
    [InlineData("Shop.Orders", "AddShopOrdersRepositories")]
    [InlineData("my-service", "AddMyServiceRepositories")]
    [InlineData("3d_models", "Add3dModelsRepositories")]
    [InlineData("Größe", "AddGrößeRepositories")]
    [InlineData("---", "AddAssemblyRepositories")]
    [InlineData("MemStorage", "AddMemStorageRepositories")]
    public void The_method_is_named_after_the_assembly(string assembly, string method)
    {
        Compilation output = GeneratorHost.Build(GeneratorHost.Compile(
            [
                "[MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey] public int Id { get; init; } }",
                $"namespace Use {{ using Microsoft.Extensions.DependencyInjection; static class Use {{ public static void It(IServiceCollection services) => services.AddMemStorageRepositories().{method}(); }} }}",
            ],
            dependencyInjection: true,
            assemblyName: assembly));
        Assert.NotNull(output);
    }
}
