using MemStorage.Extensions;
using MemStorage.Extensions.Configuration;

namespace MemStorage.AspNetCore.Caching;

/// <summary>The options of the output cache that can come from configuration, with what is allowed.</summary>
internal static class OutputCacheOptionTable
{
    public static OptionTable<MemStoreOutputCacheOptions> Table { get; } = new(nameof(MemStoreOutputCacheOptions), [],
    [
        OptionTables.Text<MemStoreOutputCacheOptions>("KeySpace", "a name of 1 to 1024 characters", o => o.KeySpace, (o, v) => o.KeySpace = v, v => v is { Length: >= 1 and <= 1024 }),
        OptionTables.Int<MemStoreOutputCacheOptions>("MaxKeyBytes", "1 to 65528 bytes of UTF-8", o => o.MaxKeyBytes, (o, v) => o.MaxKeyBytes = v, v => v is >= 1 and <= KeySpace.MaxKeyBytes),
        OptionTables.Int<MemStoreOutputCacheOptions>("MaxPayloadBytes", "0 to 1073741824 bytes", o => o.MaxPayloadBytes, (o, v) => o.MaxPayloadBytes = v,
            v => v is >= 0 and <= MemStoreOutputCacheOptions.HighestMaxPayloadBytes),
        OptionTables.Choice<MemStoreOutputCacheOptions, RefusedWriteBehavior>("RefusedWrites", o => o.RefusedWrites, (o, v) => o.RefusedWrites = v),
    ]);
}
