using MemStorage.Extensions.DependencyInjection;
using MemStorage.Extensions.Diagnostics;
using MemStorage.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MemStorage.Extensions.Hosting;

/// <summary>
/// Starts the stores before any hosted service starts (<see cref="StartingAsync"/> of all services runs before <see cref="StartAsync"/> of any) and samples them while the host
/// runs. It does not close them: that is the service provider's part, which disposes what it created in reverse order, so that a store outlives every service that was
/// given it, those included that write a last time in their own <c>StopAsync</c> or <c>Dispose</c>.
/// </summary>
internal sealed class MemStoreHostedService(IServiceProvider provider, IEnumerable<MemStoreRegistration> registrations, ILoggerFactory? loggers = null) : IHostedLifecycleService, IDisposable
{
    private readonly ILogger _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("MemStorage");
    private readonly List<MemStoreObserver> _observers = [];
    private readonly List<ITimer> _timers = [];

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (MemStoreRegistration registration in registrations)
        {
            MemStoreObserver observer = registration.Resolve<MemStoreObserver>(provider);
            MemStoreOptions options = provider.GetRequiredService<IOptionsMonitor<MemStoreOptions>>().Get(registration.OptionsName);
            await observer.Store.StartAsync(cancellationToken).ConfigureAwait(false);
            long limit = observer.Store.LimitBytes;
            Log.Started(_logger, observer.Store.Name, limit, options.EvictionMode);
            if (options is { MaxMemoryBytes: 0, MaxMemoryMB: < 0 })
                Log.NegativeBound(_logger, observer.Store.Name, options.MaxMemoryMB, (int)(limit >> 20));
            _observers.Add(observer);
            MemStoreReporter reporter = new(observer, options.TimeProvider, _logger);
            reporter.Report(); // what is wrong from the beginning, as a bound above all memory, is told at once
            _timers.Add(options.TimeProvider.CreateTimer(Sample, reporter, observer.Health.SampleInterval, observer.Health.SampleInterval));
            TimeSpan between = observer.Health.Window / MemStoreObserver.SamplesPerWindow;
            if (between < observer.Health.SampleInterval)
                _timers.Add(options.TimeProvider.CreateTimer(static o => ((MemStoreObserver)o!).Sense(), observer, between, between));
        }
        TellTogether();
    }

    // Each store alone is told by its own reporter.
    private void TellTogether()
    {
        long available = AvailableMemory.Bytes;
        long together = _observers.Sum(o => o.Store.LimitBytes);
        if (together > available && _observers.TrueForAll(o => o.Store.LimitBytes <= available))
            Log.BoundsAboveMemory(_logger, _observers.Count, together, available);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        Dispose();
        foreach (MemStoreObserver observer in _observers.Where(o => !o.Store.IsClosed))
        {
            try
            {
                MemStoreStats stats = observer.Store.Stats();
                Log.Stopped(_logger, observer.Store.Name, stats.KeyCount, stats.HitRate);
            }
            catch (ObjectDisposedException)
            {
                // closed by somebody else meanwhile: nothing left to tell
            }
        }
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        foreach (ITimer timer in _timers)
            timer.Dispose();
        _timers.Clear();
    }

    // A timer may fire again while a slow machine is still in the last sample; that one is skipped.
    private static void Sample(object? state)
    {
        if (!Monitor.TryEnter(state!))
            return;
        try
        {
            ((MemStoreReporter)state!).Report();
        }
        finally
        {
            Monitor.Exit(state!);
        }
    }
}
