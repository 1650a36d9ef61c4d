using MemStorage.Analyzers.Versions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Testing;
using Xunit;

namespace MemStorage.Analyzers.Tests.Versions.Fixes;

/// <summary>
/// Applies a fix one by one and by Fix All in document, project and solution, and compares; the test library also fails when the fixed
/// source does not compile.
/// </summary>
internal static class FixHarness
{
    public static Task BodyAsync<TFix>(string before, string after, string? key = null, bool more = false)
        where TFix : CodeFixProvider, new() => MembersAsync<TFix>(InMethod(before), InMethod(after), key, more);

    /// <summary>The fix is not offered: the source stays as it is.</summary>
    public static Task NotOfferedAsync<TFix>(string body, string? key = null)
        where TFix : CodeFixProvider, new() => BodyAsync<TFix>(body, body, key, more: true);

    /// <param name="before">The members of a class, with the diagnostics marked as <c>{|MST2001:…|}</c>.</param>
    /// <param name="after">The members after the fix; equal to <paramref name="before"/> when none is offered.</param>
    /// <param name="key">The equivalence key of the fix, where there are several.</param>
    /// <param name="more">Whether diagnostics stay, which is then marked in <paramref name="after"/>.</param>
    public static async Task MembersAsync<TFix>(string before, string after, string? key = null, bool more = false)
        where TFix : CodeFixProvider, new()
    {
        var test = new CSharpCodeFixTest<VersionsAnalyzer, TFix, DefaultVerifier>
        {
            TestCode = InClass(before),
            FixedCode = InClass(after),
            ReferenceAssemblies = new ReferenceAssemblies("net10.0"),
            CodeActionEquivalenceKey = key,
            // what a user of one fix out of two sees
            CodeActionValidationMode = CodeActionValidationMode.None,
        };
        if (more)
            test.FixedState.MarkupHandling = MarkupMode.Allow;
        test.TestState.AdditionalReferences.AddRange(VersionHarness.References);
        test.TestState.AdditionalReferences.Add(VersionHarness.Shop);
        test.SolutionTransforms.Add(static (solution, id) => solution.WithProjectParseOptions(id, new CSharpParseOptions(LanguageVersion.Preview)));
        await test.RunAsync(TestContext.Current.CancellationToken);
    }

    private static string InClass(string members) => (VersionHarness.Usings + "class C\n{\n    readonly MemStore store = null!;\n    readonly OrderRepository orders = null!;\n    readonly InvoiceRepository invoices = null!;\n\n"
        + members + "\n}\n").ReplaceLineEndings("\n");

    private static string InMethod(string body) =>
        "    async Task M(IOrderGateway gateway, int id, string key, Order order, Order second, long version, bool flag, List<Order> list)\n    {\n        await Task.Yield();\n"
        + string.Join('\n', body.ReplaceLineEndings("\n").Split('\n').Select(l => l.Length == 0 ? l : "        " + l)) + "\n    }";
}
