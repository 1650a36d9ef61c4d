using System.Diagnostics;

namespace MemStorage.Delivery.Tests.Samples;

/// <summary>"Bad arguments get a usage text and exit code 2."</summary>
public sealed class QuickStartTests
{
    [Theory]
    [InlineData("--nonsense", "unknown argument '--nonsense'")]
    [InlineData("--places", "--places is missing; 1000 to 171075 are allowed")]
    [InlineData("--places 999", "--places is '999'; 1000 to 171075 are allowed")]
    [InlineData("--places 171076", "--places is '171076'; 1000 to 171075 are allowed")]
    [InlineData("--threads 0", "--threads is '0'; 1 to 64 are allowed")]
    [InlineData("--threads -1", "--threads is '-1'; 1 to 64 are allowed")]
    [InlineData("--memory lots", "--memory is 'lots'; 64 to 65536 are allowed")]
    [InlineData("--memory 99999999999999999999", "--memory is '99999999999999999999'; 64 to 65536 are allowed")]
    public async Task Bad_arguments_get_the_fault_the_usage_and_exit_code_2(string arguments, string fault)
    {
        (int exitCode, string output, string error) = await RunAsync(arguments);
        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.StartsWith($"QuickStart: {fault}", error, StringComparison.Ordinal);
        Assert.Contains("usage: QuickStart", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_gets_the_usage_and_exit_code_0()
    {
        (int exitCode, string output, string error) = await RunAsync("--help");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("usage: QuickStart", output, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string arguments)
    {
        string program = Build.PathOf($"samples/QuickStart/bin/{Build.Configuration}/net10.0/QuickStart.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", $"\"{program}\" {arguments}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }
}
