using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.Analyzers.Versions;

/// <summary>
/// Which names make a body worth binding: members of the runtime whose result must be checked, version members, and what users marked or
/// declared with such types, in this compilation and in the assemblies that it references.
/// </summary>
internal static class VersionNames
{
    /// <summary>What a declaration mentions when it concerns the rules.</summary>
    private static readonly string[] s_markers = ["MustCheck", "MustCheckAttribute", "MemStorageVersion", "MemStorageVersionAttribute", "SetResult", "DeleteResult", "UpdateResult"];

    private static readonly string[] s_always = ["Set", "SetOrThrow", "SetMany", "BatchSet", "Apply", "Update", "Remove", "TryUpdate", "Delete", "DeleteOrThrow", "StoredItem", "WithVersion", "SetResult", "DeleteResult", "UpdateResult", "MemStorageException"];

    public static NameGate CreateGate(VersionSymbols symbols, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(s_always, StringComparer.Ordinal);
        AddReferenced(symbols, names, cancellationToken);
        var types = new HashSet<string>(StringComparer.Ordinal);
        AddDeclared(symbols.Known.Compilation, s_markers, names, types, cancellationToken);
        if (types.Count > 0)
        {
            names.UnionWith(types);
            AddDeclared(symbols.Known.Compilation, types, names, null, cancellationToken);
        }
        return new NameGate(names);
    }

    /// <summary>Assemblies that do not reference the runtime cannot mark anything.</summary>
    private static void AddReferenced(VersionSymbols symbols, HashSet<string> names, CancellationToken cancellationToken)
    {
        foreach (INamedTypeSymbol attribute in symbols.Known.MustCheckAttribute)
        {
            IAssemblySymbol runtime = attribute.ContainingAssembly;
            foreach (IAssemblySymbol assembly in symbols.Known.Compilation.SourceModule.ReferencedAssemblySymbols)
            {
                // What the runtime itself marks is known; a test holds the names against the assembly.
                if (symbols.Known.IsRuntime(assembly))
                    continue;
                if (SymbolEqualityComparer.Default.Equals(assembly, runtime)
                    || assembly.Modules.Any(m => m.ReferencedAssemblies.Any(r => r.Name == runtime.Name)))
                {
                    AddMembers(assembly.GlobalNamespace, symbols, names, cancellationToken);
                }
            }
        }
    }

    /// <summary>The names that an assembly marks, of those that are not looked for anyway.</summary>
    internal static IReadOnlyCollection<string> NamesMarkedIn(IAssemblySymbol assembly, VersionSymbols symbols)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        AddMembers(assembly.GlobalNamespace, symbols, names, CancellationToken.None);
        names.ExceptWith(s_always);
        return names;
    }

    private static void AddMembers(INamespaceOrTypeSymbol container, VersionSymbols symbols, HashSet<string> names, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (ISymbol member in container.GetMembers())
        {
            switch (member)
            {
                case INamespaceOrTypeSymbol nested:
                    AddMembers(nested, symbols, names, cancellationToken);
                    break;
                case IMethodSymbol { MethodKind: MethodKind.Ordinary, ReturnsVoid: false } method when symbols.MustCheck(method):
                case IPropertySymbol or IFieldSymbol when symbols.IsEntityVersion(member):
                    names.Add(member.Name);
                    break;
            }
        }
    }

    private static void AddDeclared(Compilation compilation, IEnumerable<string> markers, HashSet<string> names, HashSet<string>? types, CancellationToken cancellationToken)
    {
        var gate = new NameGate(markers);
        foreach (SyntaxTree tree in compilation.SyntaxTrees)
        {
            foreach (int position in gate.Hits(tree, cancellationToken))
            {
                SyntaxNode? node = tree.GetRoot(cancellationToken).FindToken(position).Parent;
                for (; node is not null; node = node.Parent)
                {
                    if (node is StatementSyntax and not LocalFunctionStatementSyntax or ArrowExpressionClauseSyntax or BaseListSyntax)
                        break; // a use, which the gate sees itself
                    if (NamesOf(node) is { } declared)
                    {
                        (node is BaseTypeDeclarationSyntax ? types : names)?.UnionWith(declared);
                        break;
                    }
                }
            }
        }
    }

    private static IEnumerable<string>? NamesOf(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => [method.Identifier.ValueText],
        LocalFunctionStatementSyntax function => [function.Identifier.ValueText],
        PropertyDeclarationSyntax property => [property.Identifier.ValueText],
        BaseFieldDeclarationSyntax field => field.Declaration.Variables.Select(static v => v.Identifier.ValueText),
        DelegateDeclarationSyntax @delegate => [@delegate.Identifier.ValueText],
        ParameterSyntax { Parent.Parent: RecordDeclarationSyntax } parameter => [parameter.Identifier.ValueText],
        BaseTypeDeclarationSyntax type => [type.Identifier.ValueText],
        MemberDeclarationSyntax => [],
        _ => null,
    };
}
