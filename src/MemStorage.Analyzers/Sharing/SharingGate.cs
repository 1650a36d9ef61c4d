using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.Analyzers.Sharing;

/// <summary>
/// Which code blocks can meet a shared object at all, from their text: those that name a no-copy read, an annotation, or a method of this
/// compilation that does (a wrapper). Everything else is never bound. Thread-safe.
/// </summary>
internal sealed class SharingGate
{
    private static readonly string[] ReadNames = { "GetNoCopy", "TryGetNoCopy", "BatchGetNoCopy", "NoCopyItem", "NoCopy", "NoCopyAttribute" };
    private static readonly string[] PureNames = { "Pure", "PureAttribute" };

    /// <summary>How many wrappers deep a read is recognised by name.</summary>
    private const int MaxWrappers = 4;

    private readonly Compilation _compilation;
    private readonly KnownSymbols _symbols;
    private readonly IReadOnlyCollection<string> _configured;
    private readonly object _lock = new();
    private NameGate? _gate;
    private bool _everything;

    public SharingGate(Compilation compilation, KnownSymbols symbols, IReadOnlyCollection<string> configured)
    {
        _compilation = compilation;
        _symbols = symbols;
        _configured = configured;
    }

    public bool MayMatter(SyntaxNode codeBlock, CancellationToken cancellationToken)
    {
        NameGate gate = Gate();
        return _everything || gate.MayMention(codeBlock, cancellationToken);
    }

    private NameGate Gate()
    {
        if (Volatile.Read(ref _gate) is { } gate)
            return gate;
        lock (_lock)
        {
            if (_gate is null)
                Volatile.Write(ref _gate, Create());
            return _gate!;
        }
    }

    private NameGate Create()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string configured in _configured)
        {
            string name = configured.Substring(configured.LastIndexOf('.') + 1);
            // "Type.*": the members of the type are not listed, so every block may call one.
            if (name == "*")
                _everything = true;
            names.Add(name);
        }
        if (!_symbols.NoCopyAttribute.IsEmpty)
        {
            names.UnionWith(ReadNames);
            foreach (INamedTypeSymbol attribute in _symbols.NoCopyAttribute)
                AddAnnotatedNames(attribute.ContainingAssembly, names);
        }
        if (!_symbols.PureAttribute.IsEmpty)
            names.UnionWith(PureNames);
        var known = new HashSet<string>(names, StringComparer.Ordinal);
        // A wrapper of a wrapper is met by the name of the first, and so on. So are the methods that take a callback which is lent a shared object.
        for (int depth = 0; depth < MaxWrappers && names.Count > 0; depth++)
        {
            var gate = new NameGate(names);
            var found = new HashSet<string>(StringComparer.Ordinal);
            foreach (SyntaxTree tree in _compilation.SyntaxTrees)
                AddWrappers(tree, gate, found, found);
            found.ExceptWith(known);
            known.UnionWith(found);
            names = found;
        }
        return new NameGate(known);
    }

    /// <summary>Members with [NoCopy] in the assembly of the attribute and in those that refer to it.</summary>
    private void AddAnnotatedNames(IAssemblySymbol home, HashSet<string> names)
    {
        foreach (IAssemblySymbol assembly in _compilation.SourceModule.ReferencedAssemblySymbols)
        {
            // What the runtime itself marks is known; a test holds the names against the assembly.
            if (_symbols.IsRuntime(assembly))
                continue;
            bool refers = SymbolEqualityComparer.Default.Equals(assembly, home) || assembly.Modules.Any(m => m.ReferencedAssemblies.Any(r => r.Equals(home.Identity)));
            if (refers)
                AddAnnotatedNames(assembly.GlobalNamespace, names);
        }
    }

    /// <summary>The names that an assembly marks, of those that are not looked for anyway.</summary>
    internal IReadOnlyCollection<string> NamesMarkedIn(IAssemblySymbol assembly)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        AddAnnotatedNames(assembly.GlobalNamespace, names);
        names.ExceptWith(ReadNames);
        return names;
    }

    private void AddAnnotatedNames(INamespaceOrTypeSymbol container, HashSet<string> names)
    {
        foreach (ISymbol member in container.GetMembers())
        {
            if (member is INamespaceOrTypeSymbol nested)
                AddAnnotatedNames(nested, names);
            else if (member.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal && IsAnnotated(member))
            {
                if (member is IPropertySymbol { IsIndexer: true })
                    _everything = true;
                // A property of a type that is itself the result of a no-copy read is reached through that type's name.
                names.Add(member is IPropertySymbol or IFieldSymbol && member.Name == "Value" ? member.ContainingType.Name : member.Name);
            }
        }
    }

    private bool IsAnnotated(ISymbol member)
    {
        if (member.GetAttributes().HasAny(_symbols.NoCopyAttribute))
            return true;
        if (member is not IMethodSymbol method || method.MethodKind is MethodKind.PropertyGet or MethodKind.PropertySet)
            return false;
        return method.GetReturnTypeAttributes().HasAny(_symbols.NoCopyAttribute)
            || method.Parameters.Any(p => p.GetAttributes().HasAny(_symbols.NoCopyAttribute)
                || (p.Type is INamedTypeSymbol { DelegateInvokeMethod: { } invoke } && invoke.OriginalDefinition.Parameters.Any(q => q.GetAttributes().HasAny(_symbols.NoCopyAttribute))));
    }

    private void AddWrappers(SyntaxTree tree, NameGate gate, HashSet<string> names, HashSet<string> delegates)
    {
        SyntaxNode? root = null;
        int end = -1;
        foreach (int hit in gate.Hits(tree, CancellationToken.None))
        {
            if (hit < end)
                continue;
            root ??= tree.GetRoot();
            if (root.FindToken(hit).Parent is not { } node)
                continue;
            MemberDeclarationSyntax? member = node.FirstAncestorOrSelf<MemberDeclarationSyntax>();
            switch (member)
            {
                case MethodDeclarationSyntax method when method.AttributeLists.Count > 0 || method.ParameterList.Parameters.Any(p => p.AttributeLists.Count > 0 || p.Modifiers.Count > 0 || p.FullSpan.Contains(hit)) || MayCarry(method.ReturnType):
                    names.Add(method.Identifier.ValueText);
                    end = method.Span.End;
                    break;
                case PropertyDeclarationSyntax property when MayCarry(property.Type):
                    names.Add(property.Identifier.ValueText);
                    end = property.Span.End;
                    break;
                case FieldDeclarationSyntax { AttributeLists.Count: > 0 } field:
                    names.UnionWith(field.Declaration.Variables.Select(static v => v.Identifier.ValueText));
                    break;
                case IndexerDeclarationSyntax indexer:
                    // An indexer has no name to look for.
                    if (MayCarry(indexer.Type))
                        _everything = true;
                    end = indexer.Span.End;
                    break;
                case DelegateDeclarationSyntax callback:
                    delegates.Add(callback.Identifier.ValueText);
                    break;
            }
        }
    }

    private static bool MayCarry(TypeSyntax type) => type is not (PredefinedTypeSyntax or IdentifierNameSyntax { Identifier.ValueText: "Task" or "ValueTask" or "DateTime" or "Guid" or "TimeSpan" });
}
