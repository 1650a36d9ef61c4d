using MemStorage.Extensions;
using MemStorage.Extensions.Configuration;
using MemStorage.Settings;

namespace MemStorage.AspNetCore.Caching;

/// <summary>The options of the output cache that can come from configuration, with what is allowed.</summary>
internal static class OutputCacheOptionTable
{
    public static OptionTable<MemStoreOutputCacheOptions> Table { get; } = new(nameof(MemStoreOutputCacheOptions), [],
    [
        OptionRows.Text<MemStoreOutputCacheOptions>("KeySpace", OptionTables.KeySpaceAllowed, o => o.KeySpace, (o, v) => o.KeySpace = v, OptionTables.IsKeySpace),
        OptionRows.Int<MemStoreOutputCacheOptions>("MaxKeyBytes", "bytes of UTF-8", "1 to 65528 bytes of UTF-8", o => o.MaxKeyBytes, (o, v) => o.MaxKeyBytes = v, OptionTables.IsKeyLimit),
        OptionRows.Int<MemStoreOutputCacheOptions>("MaxPayloadBytes", "bytes", "0 to 1073741824 bytes", o => o.MaxPayloadBytes, (o, v) => o.MaxPayloadBytes = v,
            v => v is >= 0 and <= MemStoreOutputCacheOptions.HighestMaxPayloadBytes),
        OptionRows.Choice<MemStoreOutputCacheOptions, RefusedWriteBehavior>("RefusedWrites", o => o.RefusedWrites, (o, v) => o.RefusedWrites = v),
    ], []);
}
