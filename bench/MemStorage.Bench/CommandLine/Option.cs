namespace MemStorage.Bench.CommandLine;

/// <summary>One option of a command: <c>--name value</c>, or a switch if it has no default.</summary>
/// <param name="Name">Without the dashes.</param>
/// <param name="Default">Null for a switch; empty for an option that may be left out.</param>
/// <param name="Quick">The default under <c>--quick</c>; null: the same.</param>
/// <param name="Help">One line.</param>
/// <param name="Rule">Which values it takes; null: any text.</param>
internal sealed record Option(string Name, string? Default, string? Quick, string Help, ValueRule? Rule = null);
