using System.Globalization;
using Microsoft.Extensions.Caching.Hybrid;
using WebApi.Catalog;

namespace WebApi.Offers;

/// <summary>Calculated offers, cached by HybridCache in the same store, and a visit counter in the session, which lies there too.</summary>
public static class OfferEndpoints
{
    public static void MapOffers(this IEndpointRouteBuilder routes)
    {
        // The version is part of the key: an offer for an outdated price is never found, whoever forgets to remove it.
        routes.MapGet("/offers/{id:int}/{quantity:int:min(1):max(10000)}", async (
            int id, int quantity, ProductRepository products, HybridCache cache, OfferCalculator calculator, CancellationToken cancellationToken) =>
        {
            if (!products.TryGetNoCopy(id, out Product? product))
                return Results.NotFound();
            string key = string.Create(CultureInfo.InvariantCulture, $"offer:{id}:{product.Version}:{quantity}");
            Offer offer = await cache.GetOrCreateAsync(
                key, (calculator, id, quantity, product.Price), static (s, ct) => s.calculator.CalculateAsync(s.id, s.quantity, s.Price, ct), tags: ["offers", $"product:{id}"], cancellationToken: cancellationToken);
            return Results.Ok(offer);
        });

        routes.MapDelete("/offers", async (HybridCache cache, CancellationToken cancellationToken) =>
        {
            await cache.RemoveByTagAsync("offers", cancellationToken);
            return Results.NoContent();
        });

        routes.MapPost("/visits", (HttpContext context) =>
        {
            int visits = (context.Session.GetInt32("visits") ?? 0) + 1;
            context.Session.SetInt32("visits", visits);
            return visits;
        });
    }
}
