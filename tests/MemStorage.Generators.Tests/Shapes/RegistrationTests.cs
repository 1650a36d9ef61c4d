using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;

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
                    ["OrderRepository", "IMemStorageRepository`2", "LineRepository", "IMemStorageRepository`2"],
                    services.OrderByDescending(s => s.ServiceType.ToString().Contains("Order")).ThenBy(s => s.ServiceType.IsInterface).Select(s => s.ServiceType.Name));
                Check.Equal(true, services.All(s => s.Lifetime == ServiceLifetime.Singleton));
                Provider provider = new(store, services);
                Check.Equal(store.Orders(), provider.GetRequiredService<OrderRepository>());
                Check.Equal<object>(store.Orders(), provider.GetRequiredService<IMemStorageRepository<int, Order>>());
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

    [Theory]
    [InlineData("Shop.Orders", "AddShopOrdersRepositories")]
    [InlineData("my-service", "AddMyServiceRepositories")]
    [InlineData("3d_models", "Add3dModelsRepositories")]
    [InlineData("Größe", "AddGrößeRepositories")]
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
