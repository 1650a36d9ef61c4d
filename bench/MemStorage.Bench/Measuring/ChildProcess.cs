using System.Diagnostics;
using System.Text.Json;
using MemStorage.Bench.Reporting;

namespace MemStorage.Bench.Measuring;

/// <summary>Heap and resident set belong to a process: where they are measured, each subject gets one of its own.</summary>
internal static class ChildProcess
{
    private const string Mark = "ROW ";

    /// <summary>Runs this program with these words and adds the rows that it reports. A process that does not end well fails the run: a missing row must not pass for none.</summary>
    public static void Run(Report report, params IEnumerable<string> words)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true };
        // under "dotnet MemStorage.Bench.dll" the process is dotnet
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        foreach (string word in words)
            start.ArgumentList.Add(word);
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("The child process did not start.");
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(Mark, StringComparison.Ordinal))
                report.Add(JsonSerializer.Deserialize<Row>(line[Mark.Length..])!);
        }
        process.WaitForExit();
        if (process.ExitCode != 0)
            report.Fail($"the process of '{string.Join(" ", words)}' ended with {process.ExitCode}.");
    }

    public static void Send(Row row) => Console.WriteLine(Mark + JsonSerializer.Serialize(row));
}
