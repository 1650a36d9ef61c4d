using System.Runtime.CompilerServices;
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
            table.Bind(Part(section), options, _faults.GetOrCreateValue(options));
    }

    public ValidateOptionsResult Validate(string? optionsName, TOptions options)
    {
        if (optionsName != name)
            return ValidateOptionsResult.Skip;
        List<string> faults = _faults.TryGetValue(options, out List<string>? found) ? [.. found] : [];
        faults.AddRange(table.Check(options, sections.Count == 0 ? null : (Part(sections[^1]) as IConfigurationSection)?.Path ?? ""));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private IConfiguration Part(IConfiguration section) => subsection is null ? section : section.GetSection(subsection);
}
