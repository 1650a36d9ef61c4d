using System.Buffers;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using MemStorage.AspNetCore;
using MemStorage.Testing;

namespace MemStorage.Extensions.Tests.Buffers;

/// <summary>"Rented buffers have one owner type, everywhere in src": nothing else names a pool of arrays, neither in the source (what the generator writes is there too) nor in the assemblies.</summary>
public sealed class OneOwnerTests
{
    private static readonly string[] s_pools = ["ArrayPool", "MemoryPool", "IMemoryOwner"];

    private static string Source => typeof(OneOwnerTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "SourceFolder").Value!;

    [Fact]
    public void The_source_names_a_pool_in_one_place()
    {
        string[] names = [.. Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
            .Select(static path => Path.GetRelativePath(Source, path).Replace('\\', '/'))
            .Where(static path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            .Where(static path => Array.Exists(s_pools, File.ReadAllText(Path.Combine(Source, path)).Contains))
            .Order(StringComparer.Ordinal)];
        // the first is an analyzer's table of what changes an argument
        Assert.Equal(["MemStorage.Analyzers/Sharing/Flow/FrameworkMutators.cs", "MemStorage.Runtime/Buffers/ScratchLease.cs"], names);
    }

    [Fact]
    public void Only_the_owner_calls_a_pool_in_the_assemblies()
    {
        Type[] ofEach = [typeof(MemStore), typeof(MemStoreDistributedCache), typeof(MemStoreOutputCache), typeof(MemStoreFaults)];
        string[] callers = [.. ofEach.SelectMany(static type => Callers(type.Assembly.Location)).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(["MemStorage.Runtime: ScratchLease.End", "MemStorage.Runtime: ScratchLease.Rent"], callers);
    }

    /// <summary>The control: this method is found.</summary>
    [Fact]
    public void A_caller_is_found()
    {
        byte[] array = ArrayPool<byte>.Shared.Rent(1);
        ArrayPool<byte>.Shared.Return(array);
        Assert.Contains($"MemStorage.Extensions.Tests: {nameof(OneOwnerTests)}.{nameof(A_caller_is_found)}", Callers(typeof(OneOwnerTests).Assembly.Location));
    }

    /// <summary>The methods whose body has a call of a member of a pool. Every four bytes that look like such a call count: one too many would be seen, none is missed.</summary>
    private static IEnumerable<string> Callers(string path)
    {
        using PEReader file = new(File.OpenRead(path));
        MetadataReader metadata = file.GetMetadataReader();
        string assembly = metadata.GetString(metadata.GetAssemblyDefinition().Name);
        HashSet<int> members = [.. metadata.MemberReferences.Where(handle => IsOfPool(metadata, metadata.GetMemberReference(handle).Parent)).Select(static handle => MetadataTokens.GetToken(handle))];
        List<string> callers = [];
        foreach (MethodDefinition method in metadata.MethodDefinitions.Select(metadata.GetMethodDefinition))
        {
            if (method.RelativeVirtualAddress == 0)
                continue;
            byte[] code = file.GetMethodBody(method.RelativeVirtualAddress).GetILBytes()!;
            for (int i = 0; i + 4 <= code.Length; i++)
            {
                if (members.Contains(BitConverter.ToInt32(code, i)))
                {
                    callers.Add($"{assembly}: {metadata.GetString(metadata.GetTypeDefinition(method.GetDeclaringType()).Name)}.{metadata.GetString(method.Name)}");
                    break;
                }
            }
        }
        return callers;
    }

    private static bool IsOfPool(MetadataReader metadata, EntityHandle parent)
    {
        switch (parent.Kind)
        {
            case HandleKind.TypeReference:
                return Array.Exists(s_pools, metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)parent).Name).StartsWith);
            case HandleKind.TypeSpecification:
                BlobReader blob = metadata.GetBlobReader(metadata.GetTypeSpecification((TypeSpecificationHandle)parent).Signature);
                if (blob.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
                    return false;
                _ = blob.ReadByte(); // class or value type
                return blob.ReadTypeHandle() is { Kind: HandleKind.TypeReference } type && IsOfPool(metadata, type);
            default:
                return false;
        }
    }
}
