await using WebApplication app = WebApi.CatalogService.Build(args);
await app.RunAsync();
