using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace MemStorage.Generators.Tests.Infrastructure;

/// <summary>An additional file that is nowhere.</summary>
internal sealed class InMemoryFile(string path, string text) : AdditionalText
{
    public override string Path => path;

    public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
}
