using Microsoft.Extensions.Configuration;

namespace MemStorage.Extensions.Configuration;

/// <summary>
/// The options of one type as a table. Reading and checking go through all rows and report every fault at once, with section, key, value and what is allowed: whoever
/// deploys a service wants to mend its configuration once, not once per mistake. No reflection, so it works under trimming and Native AOT.
/// </summary>
/// <param name="typeName">For messages about options that were set in code.</param>
/// <param name="subsections">Names of child sections that belong to somebody else.</param>
/// <param name="rows">The options.</param>
internal sealed class OptionTable<TOptions>(string typeName, string[] subsections, OptionRow<TOptions>[] rows)
{
    public IReadOnlyList<OptionRow<TOptions>> Rows => rows;

    /// <summary>Sets what the section names; what cannot be read or is not known goes to <paramref name="faults"/>.</summary>
    public void Bind(IConfiguration section, TOptions options, ICollection<string> faults)
    {
        foreach (IConfigurationSection child in section.GetChildren())
        {
            if (subsections.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                continue;
            OptionRow<TOptions>? row = rows.FirstOrDefault(r => r.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (row is null)
                faults.Add($"{child.Path} is not a known key; known are: {string.Join(", ", rows.Select(r => r.Name).Concat(subsections))}.");
            else if (child.Value is null)
                faults.Add($"{child.Path} has no value{(child.GetChildren().Any() ? " but a section" : "")}; allowed: {row.Allowed}.");
            else if (!row.TrySet(options, child.Value))
                faults.Add($"{child.Path} = '{child.Value}' cannot be read; allowed: {row.Allowed}.");
        }
    }

    /// <summary>Every option that is out of range.</summary>
    /// <param name="options">The options.</param>
    /// <param name="sectionPath">Where they were bound from; null when they were set in code.</param>
    public IEnumerable<string> Check(TOptions options, string? sectionPath)
    {
        string prefix = sectionPath is null ? typeName + "." : sectionPath.Length == 0 ? "" : sectionPath + ":";
        return rows.Where(r => !r.IsValid(options)).Select(r => $"{prefix}{r.Name} = {r.Text(options)} is out of range; allowed: {r.Allowed}.");
    }

    /// <summary>Throws one exception with all faults.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public void ThrowIfInvalid(TOptions options, string parameterName)
    {
        string[] faults = [.. Check(options, null)];
        if (faults.Length > 0)
            throw new ArgumentException(string.Join(' ', faults), parameterName);
    }
}
