using System.Globalization;
using MemStorage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Net.Http.Headers;

namespace WebApi.Catalog;

/// <summary>What a client sends: the product without key and version.</summary>
public sealed record ProductBody(string Name, string Category, decimal Price);

/// <summary>Products over HTTP. Each result of the store has a status code of its own: nothing is dropped.</summary>
public static class CatalogEndpoints
{
    /// <summary>Stands on every response that lists products; each write evicts it.</summary>
    private const string Listings = "listings";

    public static void MapCatalog(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/products/{id:int}", Get);
        routes.MapGet("/products", (string category, ProductRepository products) => products.FindByCategory(category))
            .CacheOutput(p => p.Expire(TimeSpan.FromSeconds(30)).Tag(Listings)); // the whole response lies in the store; varies by the query
        routes.MapPut("/products/{id:int}", Put);
        routes.MapDelete("/products/{id:int}", Delete);
    }

    // GetNoCopy: the instance is shared with every other request that reads this version. It is only written out here, so that is fine; changing it
    // would be MST1001, at compile time.
    private static Results<Ok<Product>, NotFound> Get(int id, ProductRepository products, HttpResponse response)
    {
        if (!products.TryGetNoCopy(id, out Product? product))
            return TypedResults.NotFound();
        response.Headers.ETag = Tag(product.Version);
        return TypedResults.Ok(product);
    }

    private static async Task<IResult> Put(
        int id, ProductBody body, ProductRepository products, IOutputCacheStore responses, HttpRequest request, HttpResponse response, CancellationToken cancellationToken)
    {
        IResult result = Store(id, body, products, request, response);
        await responses.EvictByTagAsync(Listings, cancellationToken); // costs the same however many responses have the tag
        return result;
    }

    private static IResult Store(int id, ProductBody body, ProductRepository products, HttpRequest request, HttpResponse response)
    {
        Product product = new() { Id = id, Name = body.Name, Category = body.Category, Price = body.Price };
        if (request.Headers.IfMatch.Count > 0)
        {
            if (!TryReadTag(request.Headers.IfMatch.ToString(), out long expected))
                return Results.Problem("If-Match must be one ETag that this service gave out.", statusCode: StatusCodes.Status400BadRequest);
            return products.TryUpdate(product, expected, out long updated) switch
            {
                UpdateResult.Updated => Stored(updated),
                UpdateResult.NotFound => Results.NotFound(),
                UpdateResult.VersionMismatch => Results.Problem("The product was changed by somebody else.", statusCode: StatusCodes.Status412PreconditionFailed),
                _ => OutOfRoom(),
            };
        }
        return products.Set(product, out long version) switch
        {
            SetResult.Stored => Stored(version),
            SetResult.Superseded => Results.Conflict(), // a replica wrote a newer version meanwhile
            _ => OutOfRoom(),
        };

        IResult Stored(long stored)
        {
            response.Headers.ETag = Tag(stored);
            return Results.NoContent();
        }

        static IResult OutOfRoom() => Results.Problem("There is no room for this product.", statusCode: StatusCodes.Status507InsufficientStorage);
    }

    private static async Task<IResult> Delete(int id, ProductRepository products, IOutputCacheStore responses, CancellationToken cancellationToken)
    {
        DeleteResult result = products.Delete(id);
        await responses.EvictByTagAsync(Listings, cancellationToken);
        return result == DeleteResult.Deleted ? Results.NoContent() : Results.NotFound();
    }

    private static string Tag(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    private static bool TryReadTag(string text, out long version)
    {
        version = 0;
        return EntityTagHeaderValue.TryParse(text, out EntityTagHeaderValue? tag) && !tag.IsWeak
            && long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out version);
    }
}
