using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MemStorage.Extensions.DependencyInjection;

/// <summary>
/// All options of all stores as one, so that whatever is wrong with any of them comes in one exception: whoever deploys a service wants to mend its configuration once, not once per
/// mistake.
/// </summary>
internal sealed class MemStorageSetup
{
    /// <summary>Validates the options of all stores.</summary>
    public sealed class Validator(IServiceProvider provider, IEnumerable<MemStoreRegistration> registrations) : IValidateOptions<MemStorageSetup>
    {
        public ValidateOptionsResult Validate(string? name, MemStorageSetup options)
        {
            List<string> faults = [.. registrations.SelectMany(r => r.Faults(provider))];
            if (faults.Count == 0) // names can be compared where all options can be had
                faults.AddRange(SameNames());
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }

        // Names that follow from keys (42 and "42") are nobody's mistake; metrics tell those apart by themselves.
        private IEnumerable<string> SameNames() =>
            registrations
                .Select(r => (Registration: r, provider.GetRequiredService<IOptionsMonitor<MemStoreOptions>>().Get(r.OptionsName).Name))
                .GroupBy(r => r.Name, StringComparer.Ordinal)
                .Where(g => g.Count() > 1 && g.Any(r => r.Name != r.Registration.DefaultName))
                .Select(g => $"MemStoreOptions.Name = {g.Key} is the name of {g.Count()} stores ({string.Join(", ", g.Select(r => r.Registration.ServiceKey is { } key ? $"key '{key}'" : "the default store"))}); "
                    + "allowed: a name of its own for each, since metrics, logs and health know a store by its name.");
    }
}
