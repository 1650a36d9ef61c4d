using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace MemStorage.Extensions.Configuration;

/// <summary>
/// Binds one named instance of options from configuration and validates it. What could not be read is remembered beside the instance until validation, so that a
/// misspelt key, a word in place of a number and a number out of range come in one message.
/// </summary>
internal sealed class TableBoundOptions<TOptions>(string name, OptionTable<TOptions> table) : IConfigureNamedOptions<TOptions>, IValidateOptions<TOptions>
    where TOptions : class
{
    private readonly ConditionalWeakTable<TOptions, List<string>> _faults = [];

    /// <summary>The sections to bind, in order; the last one names the faults of range.</summary>
    public List<IConfiguration> Sections { get; } = [];

    public void Configure(TOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? optionsName, TOptions options)
    {
        if (optionsName != name)
            return;
        foreach (IConfiguration section in Sections)
            table.Bind(section, options, _faults.GetOrCreateValue(options));
    }

    public ValidateOptionsResult Validate(string? optionsName, TOptions options)
    {
        if (optionsName != name)
            return ValidateOptionsResult.Skip;
        List<string> faults = _faults.TryGetValue(options, out List<string>? found) ? [.. found] : [];
        faults.AddRange(table.Check(options, Sections.Count == 0 ? null : (Sections[^1] as IConfigurationSection)?.Path ?? ""));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
