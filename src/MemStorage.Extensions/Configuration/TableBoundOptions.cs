using System.Runtime.CompilerServices;
using MemStorage.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace MemStorage.Extensions.Configuration;

/// <summary>
/// Binds one named instance of options from configuration and validates it. What could not be read is remembered beside the instance until validation, so that a
/// misspelt key, a word in place of a number and a number out of range come in one message.
/// </summary>
/// <param name="name">The name of the instance.</param>
/// <param name="table">Its options.</param>
/// <param name="sections">The sections of the store, in order; the last one names the faults of range. More may come until the options are made.</param>
/// <param name="subsection">The part of them that belongs to these options; null: the sections themselves.</param>
internal sealed class TableBoundOptions<TOptions>(string name, OptionTable<TOptions> table, IReadOnlyList<IConfiguration> sections, string? subsection) : IConfigureNamedOptions<TOptions>, IValidateOptions<TOptions>
    where TOptions : class
{
    private readonly ConditionalWeakTable<TOptions, List<string>> _faults = [];

    public void Configure(TOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? optionsName, TOptions options)
    {
        if (optionsName != name)
            return;
        foreach (IConfiguration section in sections)
            Bind(section, options, _faults.GetOrCreateValue(options));
    }

    public ValidateOptionsResult Validate(string? optionsName, TOptions options)
    {
        if (optionsName != name)
            return ValidateOptionsResult.Skip;
        List<string> faults = _faults.TryGetValue(options, out List<string>? found) ? [.. found] : [];
        faults.AddRange(table.Check(options, sections.Count == 0 ? null : (Part(sections[^1]) as IConfigurationSection)?.Path ?? ""));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    /// <summary>Sets what the section names; what cannot be read or is not known is a fault.</summary>
    private void Bind(IConfiguration section, TOptions options, List<string> faults)
    {
        // a section that is asked for and is not there is as good as a misspelt one: its bound must not become the default one
        if (subsection is null && section is IConfigurationSection named && !named.Exists())
            faults.Add($"{named.Path} does not exist or is empty; a section of configuration for {table.TypeName} is expected there.");
        IConfiguration part = Part(section);
        if (subsection is not null && part is IConfigurationSection { Value.Length: > 0 } text)
            faults.Add($"{text.Path} = '{text.Value}' is a value; a section with {Known()} is expected there.");
        foreach (IConfigurationSection child in part.GetChildren())
        {
            if (table.Subsections.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                continue;
            OptionRow<TOptions>? row = table.Find(child.Key);
            if (row is null)
                faults.Add($"{child.Path} is not a known key; known are: {Known()}.");
            else if (child.Value is null)
                faults.Add($"{child.Path} has no value{(child.GetChildren().Any() ? " but a section" : "")}; allowed: {row.AllowedInFull}.");
            else if (!row.TrySet(options, child.Value, out string? problem))
                faults.Add($"{child.Path} = '{child.Value}' cannot be read; allowed: {row.AllowedInFull}.{(problem is null ? "" : $" The text {problem}.")}");
        }
    }

    private string Known() => string.Join(", ", table.Rows.Where(r => r.IsBindable).Select(r => r.Name).Concat(table.Subsections));

    private IConfiguration Part(IConfiguration section) => subsection is null ? section : section.GetSection(subsection);
}
