namespace WebApi.Offers;

/// <summary>An offer for a number of pieces.</summary>
public sealed record Offer(int ProductId, int Quantity, decimal Total, int Calculation);

/// <summary>Stands for something slow: a price engine, a remote service, a database.</summary>
public sealed class OfferCalculator
{
    private int _calculations;

    /// <summary>How often an offer was really calculated.</summary>
    public int Calculations => Volatile.Read(ref _calculations);

    public async ValueTask<Offer> CalculateAsync(int productId, int quantity, decimal price, CancellationToken cancellationToken)
    {
        await Task.Delay(20, cancellationToken);
        decimal discount = quantity >= 100 ? 0.9m : 1m;
        return new Offer(productId, quantity, decimal.Round(price * quantity * discount, 2), Interlocked.Increment(ref _calculations));
    }
}
