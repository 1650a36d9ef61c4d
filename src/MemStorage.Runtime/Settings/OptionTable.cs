namespace MemStorage.Settings;

/// <summary>The options of one type as a table: the only place where their ranges stand. No reflection, so it works under trimming and Native AOT.</summary>
/// <param name="typeName">For messages about options that were set in code.</param>
/// <param name="subsections">Names of child sections that belong to somebody else.</param>
/// <param name="rows">The options.</param>
/// <param name="rules">What several of them must be together.</param>
internal sealed class OptionTable<TOptions>(string typeName, string[] subsections, OptionRow<TOptions>[] rows, OptionRule<TOptions>[] rules)
{
    public string TypeName => typeName;

    public IReadOnlyList<string> Subsections => subsections;

    public IReadOnlyList<OptionRow<TOptions>> Rows => rows;

    /// <summary>The row of this name, in any case of letters, that configuration can set; null: there is none.</summary>
    public OptionRow<TOptions>? Find(string name) => rows.FirstOrDefault(r => r.IsBindable && r.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Every option that is out of range, by itself or beside the others.</summary>
    public IEnumerable<OptionFault> Faults(TOptions options)
    {
        HashSet<string> wrong = [];
        foreach (OptionRow<TOptions> row in rows)
        {
            if (row.IsValid(options))
                continue;
            wrong.Add(row.Name);
            yield return new OptionFault(row.Name, row.Text(options), row.AllowedInFull);
        }
        foreach (OptionRule<TOptions> rule in rules)
        {
            if (wrong.Contains(rule.Option) || wrong.Overlaps(rule.Others) || rule.Allowed(options) is not { } allowed)
                continue;
            wrong.Add(rule.Option);
            yield return new OptionFault(rule.Option, rows.Single(r => r.Name == rule.Option).Text(options), allowed);
        }
    }

    /// <summary>The same as sentences.</summary>
    /// <param name="options">The options.</param>
    /// <param name="sectionPath">Where they were bound from; null when they were set in code.</param>
    public IEnumerable<string> Check(TOptions options, string? sectionPath)
    {
        string prefix = sectionPath is null ? typeName + "." : sectionPath.Length == 0 ? "" : sectionPath + ":";
        return Faults(options).Select(f => f.Message(prefix));
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
