using MemStorage.Generators.Naming;

namespace MemStorage.Generators.Tests.Naming;

public sealed class PluralizerTests
{
    [Theory]
    [InlineData("Order", "Orders")]
    [InlineData("Category", "Categories")]
    [InlineData("Day", "Days")]
    [InlineData("Box", "Boxes")]
    [InlineData("Batch", "Batches")]
    [InlineData("Dish", "Dishes")]
    [InlineData("Address", "Addresses")]
    [InlineData("Status", "Statuses")]
    [InlineData("Analysis", "Analyses")]
    [InlineData("Alias", "Aliases")]
    [InlineData("Person", "People")]
    [InlineData("SalesPerson", "SalesPeople")]
    [InlineData("child", "children")]
    [InlineData("Index", "Indexes")]
    [InlineData("Quiz", "Quizzes")]
    [InlineData("Leaf", "Leaves")]
    [InlineData("Settings", "Settings")]
    [InlineData("News", "News")]
    [InlineData("UserMetadata", "UserMetadata")]
    [InlineData("Series", "Series")]
    [InlineData("Photo", "Photos")]
    [InlineData("Hero", "Heroes")]
    [InlineData("Order2", "Order2s")]
    [InlineData("HTTPRequest", "HTTPRequests")]
    [InlineData("ITEM", "ITEMs")]
    [InlineData("order_line", "order_lines")]
    [InlineData("Y", "Ys")]
    [InlineData("S", "S")]
    [InlineData("订单", "订单")]
    [InlineData("Straße", "Straßes")]
    public void Plurals(string singular, string plural) => Assert.Equal(plural, Pluralizer.Pluralize(singular));
}
