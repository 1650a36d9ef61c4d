using System.IO.Compression;
using System.Xml.Linq;

namespace MemStorage.Delivery.Tests.Packages;

/// <summary>One packed package, opened.</summary>
internal sealed class Package : IDisposable
{
    private readonly ZipArchive _zip;

    public Package(string id, string extension = ".nupkg")
    {
        _zip = ZipFile.OpenRead(Path.Combine(Build.Packages, $"{id}.{Build.Version}{extension}"));
        using Stream nuspec = _zip.GetEntry($"{id}.nuspec")!.Open();
        Metadata = XDocument.Load(nuspec).Root!.Elements().Single();
    }

    /// <summary>The metadata element of the nuspec.</summary>
    public XElement Metadata { get; }

    /// <summary>The files, without the envelope that every package has.</summary>
    public string[] Files =>
    [
        .. _zip.Entries.Select(entry => entry.FullName)
            .Where(name => !name.StartsWith("_rels/", StringComparison.Ordinal) && !name.StartsWith("package/", StringComparison.Ordinal) && name != "[Content_Types].xml")
            .Order(StringComparer.Ordinal),
    ];

    public string? Value(string element) => Metadata.Elements().SingleOrDefault(child => child.Name.LocalName == element)?.Value;

    public IReadOnlyList<XElement> Dependencies => [.. Metadata.Descendants().Where(element => element.Name.LocalName == "dependency")];

    public byte[] Read(string file)
    {
        using Stream stream = _zip.GetEntry(file)!.Open();
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    public void Dispose() => _zip.Dispose();
}
