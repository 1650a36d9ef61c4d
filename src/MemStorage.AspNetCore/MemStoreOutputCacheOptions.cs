using MemStorage.Extensions;

namespace MemStorage.AspNetCore;

/// <summary>The configuration of <see cref="MemStoreOutputCache"/>. Copied in its constructor; later changes have no effect.</summary>
public sealed class MemStoreOutputCacheOptions
{
    /// <summary>The default of <see cref="KeySpace"/>.</summary>
    public const string DefaultKeySpace = "output-cache";

    /// <summary>The highest <see cref="MaxPayloadBytes"/>: 1 GiB.</summary>
    public const int HighestMaxPayloadBytes = 1 << 30;

    /// <summary>The key space that holds the responses; 1 to 1,024 characters. Default: <see cref="DefaultKeySpace"/>.</summary>
    public string KeySpace { get; set; } = DefaultKeySpace;

    /// <summary>
    /// The longest key accepted, in bytes of UTF-8; 1 to <see cref="MemStorage.KeySpace.MaxKeyBytes"/>. Default: 8,192. Keys are made of the request's path, query and headers: a limit keeps one
    /// client from filling the store with them.
    /// </summary>
    public int MaxKeyBytes { get; set; } = 8192;

    /// <summary>
    /// The longest response accepted (headers and body as the middleware writes them), in bytes; 0 to <see cref="HighestMaxPayloadBytes"/>. Default: 16 MiB. The middleware's own
    /// <c>OutputCacheOptions.MaximumBodySize</c> comes first.
    /// </summary>
    public int MaxPayloadBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// What happens when the store refuses a write. Default: <see cref="RefusedWriteBehavior.Throw"/>: the middleware logs it, the client gets its response all the same. In both cases the
    /// response that was there before is removed.
    /// </summary>
    public RefusedWriteBehavior RefusedWrites { get; set; }
}
