using MemStorage.Extensions;
using MemStorage.Extensions.DependencyInjection;
using Microsoft.AspNetCore.Session;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts the session state of ASP.NET Core on a registered store.</summary>
public static class MemStorageSessionExtensions
{
    /// <summary>
    /// Registers session state on this store, whichever distributed cache the rest of the application uses: sessions can have a store of their own (<c>AddKeyedMemStorage</c>). They lie in
    /// the key space of the store's distributed cache, which is registered too. <c>services.AddSession(o =&gt; …)</c>, before or after, and <c>app.UseSession()</c> are needed as always. There is one session store in an application: of several calls the last one holds.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IMemStorageBuilder AddSessionStore(this IMemStorageBuilder builder)
    {
        MemStoreRegistration registration = MemStoreRegistration.Of(builder);
        if (!registration.Has(typeof(IDistributedCache)))
            builder.AddDistributedCache();
        builder.Services.Replace(ServiceDescriptor.Singleton<ISessionStore>(provider =>
            new DistributedSessionStore(registration.Resolve<MemStoreDistributedCache>(provider), provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance)));
        return builder;
    }
}
