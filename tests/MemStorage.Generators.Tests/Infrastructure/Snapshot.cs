using System.Runtime.CompilerServices;

namespace MemStorage.Generators.Tests.Infrastructure;

/// <summary>Compares text with a file of the source tree. <c>MEMSTORAGE_UPDATE_SNAPSHOTS=1</c> writes the files instead.</summary>
internal static class Snapshot
{
    private static readonly bool s_update = Environment.GetEnvironmentVariable("MEMSTORAGE_UPDATE_SNAPSHOTS") == "1";

    public static void Matches(string name, string actual, [CallerFilePath] string testFile = "")
    {
        string file = Path.Combine(Path.GetDirectoryName(testFile)!, "Snapshots", name);
        if (s_update)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
            return;
        }
        Assert.True(File.Exists(file), $"{file} is missing; run the tests with MEMSTORAGE_UPDATE_SNAPSHOTS=1 and look at what they write.");
        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), actual);
    }
}
