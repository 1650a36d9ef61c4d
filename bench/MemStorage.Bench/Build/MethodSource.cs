using System.Text;

namespace MemStorage.Bench.Build;

/// <summary>A project of methods in files of twenty, of which every so many-th uses the store and the others do ordinary work.</summary>
internal static class MethodSource
{
    private const int PerFile = 20;

    /// <param name="methods">How many methods there are.</param>
    /// <param name="storeEvery">Every so many-th uses the store; 0: none.</param>
    public static IEnumerable<(string Path, string Text)> Files(int methods, int storeEvery)
    {
        yield return ("Model.cs", Model);
        for (int file = 0; file < methods / PerFile; file++)
        {
            StringBuilder text = new($$"""
                using System;
                using System.Collections.Generic;
                using System.Linq;
                using System.Threading.Tasks;
                using MemStorage;

                namespace Shop;

                internal sealed class Service{{file}}(IMemStorageRepository<int, Product> products)
                {
                    private readonly Dictionary<string, decimal> _rates = new();


                """);
            for (int i = 0; i < PerFile; i++)
            {
                int number = file * PerFile + i;
                text.AppendLine(storeEvery > 0 && number % storeEvery == 0 ? WithStore(number, number / storeEvery % 4) : Ordinary(number, number % 3));
            }
            text.Append('}');
            // a file that never calls the store need not know it
            string result = storeEvery > 0 ? text.ToString() : text.ToString().Replace("(IMemStorageRepository<int, Product> products)", "", StringComparison.Ordinal).Replace("using MemStorage;", "", StringComparison.Ordinal);
            yield return ($"Service{file}.cs", result);
        }
    }

    private const string Model = """
        using System.Collections.Generic;

        namespace Shop;

        public class Product
        {
            public int Id { get; set; }
            [MemStorage.MemStorageVersion] public long Version { get; set; }
            public string Name { get; set; } = "";
            public decimal Price { get; set; }
            public List<string> Tags { get; set; } = new();
            public List<Product> Parts { get; set; } = new();
            public decimal Sum() { decimal sum = Price; foreach (Product part in Parts) sum += part.Sum(); return sum; }
        }
        """;

    private static string Ordinary(int number, int kind) => kind switch
    {
        0 => $$"""
                internal decimal Total{{number}}(IReadOnlyList<Product> all, string currency)
                {
                    decimal total = 0;
                    foreach (Product product in all.Where(p => p.Price > {{number}}).OrderBy(p => p.Name))
                    {
                        if (!_rates.TryGetValue(currency, out decimal rate))
                            _rates[currency] = rate = 1;
                        total += product.Price * rate;
                        product.Tags.Add("seen");
                    }
                    return total;
                }

            """,
        1 => $$"""
                internal async Task<string> Describe{{number}}(Product product, int depth)
                {
                    var parts = new List<string>();
                    for (int i = 0; i < product.Parts.Count && i < depth; i++)
                    {
                        Product part = product.Parts[i];
                        parts.Add($"{part.Name}: {part.Price:0.00}");
                        part.Name = part.Name.Trim();
                    }
                    await Task.Yield();
                    return parts.Count == 0 ? "nothing" : string.Join(", ", parts.GroupBy(p => p.Length).Select(g => g.First()));
                }

            """,
        _ => $$"""
                internal Product Merge{{number}}(Product left, Product right)
                {
                    var merged = new Product { Id = left.Id + {{number}}, Name = left.Name ?? right.Name, Price = Math.Max(left.Price, right.Price) };
                    merged.Tags.AddRange(left.Tags);
                    merged.Tags.AddRange(right.Tags.Except(left.Tags));
                    switch (merged)
                    {
                        case { Price: > 100, Parts: [] }: merged.Price -= 1; break;
                        case { Name: "" }: merged.Name = "none"; break;
                    }
                    return merged;
                }

            """,
    };

    private static string WithStore(int number, int kind) => kind switch
    {
        0 => $$"""
                internal decimal Read{{number}}(int id)
                {
                    if (!products.TryGetNoCopy(id, out Product? product))
                        return 0;
                    decimal total = product.Sum();
                    foreach (Product part in product.Parts.Where(p => p.Price > 0))
                        total += part.Price;
                    return total;
                }

            """,
        1 => $$"""
                internal bool Change{{number}}(int id, decimal price)
                {
                    Product product = products.Get(id);
                    product.Price = price;
                    product.Tags.Add("changed");
                    return products.TryUpdate(product) is UpdateResult.Updated;
                }

            """,
        2 => $$"""
                internal void Rename{{number}}(int id, string name)
                {
                    Product product = products.GetNoCopy(id);
                    if (product.Name != name)
                        products.SetOrThrow(new Product { Id = id, Name = name, Price = product.Price, Tags = product.Tags.ToList() });
                }

            """,
        _ => $$"""
                internal bool Remove{{number}}(int id)
                {
                    Product product = products.Get(id);
                    return product.Price < {{number}} && products.Delete(id, product.Version) == DeleteResult.Deleted;
                }

            """,
    };
}
