using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;
using MemStorage.Generators.Naming;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// Reads an entity once, for the generator (which wants the model) and for the analyzer (which wants what is wrong): one parser, so that the
/// two can never disagree about what a repository is generated for.
/// </summary>
internal static class EntityParser
{
    /// <summary>The model of the entity; null when something is wrong with it, or when MemoryPack cannot extend it.</summary>
    public static EntityModel? Parse(
        INamedTypeSymbol entity, AttributeData attribute, Compilation compilation, ShapeReporter reporter, CancellationToken cancellationToken)
    {
        EntityContext context = new(entity, compilation, reporter, cancellationToken);
        PlacementParser.Check(context);
        string fullName = entity.ToFullName();
        OptionsModel options = OptionsParser.Parse(context, attribute, fullName);
        KeyModel? key = KeyParser.Parse(context);
        VersionModel? version = VersionParser.Parse(context);
        EquatableArray<IndexModel> indexes = IndexParser.Parse(context);
        MemberParser.Check(context);

        if (reporter.HasErrors || key is null)
            return null;

        // without MemoryPack's code a repository would not compile; where a member that cannot be stored is told, that is why
        if (MemoryPackTraps.Find(entity, context.Types.Of(entity), compilation) is { } trap)
        {
            reporter.Report(ShapeRules.BrokenSerializer, entity, entity.Name, trap);
            return null;
        }
        if (MemoryPackSupport.ReasonAgainst(entity, context.Types.Of(entity), cancellationToken) is { } refusal)
        {
            if (!reporter.HasUnstorable)
                reporter.Report(ShapeRules.NotExtended, entity, entity.Name, refusal);
            return null;
        }

        List<ContainerModel> containers = Containers(entity);
        bool hidesParts = HidesParts(context);
        string accessibility = AccessibilityOf(entity, hidesParts);
        string outer = string.Concat(containers.Select(static c => c.Name.TrimStart('@')));
        string? extensionAccessibility = ExtensionAccessibilityOf(entity, hidesParts);
        string extensionName = ExtensionNameOf(compilation, outer, entity.Name);
        if (!GeneratedNames.AreFree(context, key, indexes, accessibility, extensionAccessibility is null ? null : extensionName.TrimStart('@')))
            return null;
        EquatableArray<FormatterModel> formatters = FormatterCollector.Collect(context);
        return new EntityModel(
            HintName: Identifiers.ToHint(fullName),
            Namespace: entity.ContainingNamespace.ToSource(),
            Containers: containers.ToEquatableArray(),
            Name: Identifiers.EscapeType(entity.Name),
            PlainName: entity.Name,
            FullName: fullName,
            Source: entity.ToSource(),
            Accessibility: accessibility,
            HasInterface: GeneratedNames.HasInterface(context, accessibility),
            ExtensionAccessibility: extensionAccessibility,
            ExtensionName: extensionName,
            ExtensionClass: GeneratedNames.ExtensionClass(entity),
            IsValueType: entity.IsValueType,
            IsUnmanaged: entity.IsUnmanagedType,
            Key: key,
            Version: version,
            Indexes: indexes,
            Options: options,
            Shape: ShapeWalker.Describe(context, key.Members.Select(static m => m.Name.TrimStart('@')), version?.PlainName),
            Formatters: formatters,
            Silenced: Silenced(context),
            BreaksClsCompliance: !hidesParts && IsVisibleOutside(entity) && PromisesClsCompliance(compilation));
    }

    private static List<ContainerModel> Containers(INamedTypeSymbol entity)
    {
        List<ContainerModel> containers = [];
        for (INamedTypeSymbol? type = entity.ContainingType; type is not null; type = type.ContainingType)
        {
            string keywords = (type.IsRecord, type.TypeKind) switch
            {
                (true, TypeKind.Struct) => "record struct",
                (true, _) => "record",
                (_, TypeKind.Struct) => "struct",
                (_, TypeKind.Interface) => "interface",
                _ => "class",
            };
            containers.Insert(0, new ContainerModel(keywords, Identifiers.EscapeType(type.Name)));
        }
        return containers;
    }

    // a public repository must not show a type in its signatures that others cannot see
    private static bool HidesParts(EntityContext context) => context.Keys.Concat(context.Indexes).Any(static m => !m.Member.TypeOf().IsPublicEverywhere());

    private static EquatableArray<string> Silenced(EntityContext context)
    {
        context.Warnings.Add(context.Entity);
        foreach (MarkedMember marked in context.Keys.Concat(context.Versions).Concat(context.Indexes))
        {
            context.Warnings.Add(marked.Member);
            context.Warnings.Add(marked.Member.TypeOf());
        }
        return context.Warnings.ToModel();
    }

    private static bool IsVisibleOutside(INamedTypeSymbol entity)
    {
        for (INamedTypeSymbol? type = entity; type is not null; type = type.ContainingType)
        {
            if (type.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal))
                return false;
        }
        return true;
    }

    private static bool PromisesClsCompliance(Compilation compilation)
    {
        foreach (AttributeData attribute in compilation.Assembly.GetAttributes())
        {
            if (attribute.AttributeClass is { Name: "CLSCompliantAttribute" } && attribute.ConstructorArguments is [{ Value: true }])
                return true;
        }
        return false;
    }

    private static string AccessibilityOf(INamedTypeSymbol entity, bool hidesParts) => (entity.DeclaredAccessibility, hidesParts) switch
    {
        (Accessibility.Private, _) => "private",
        (Accessibility.ProtectedAndInternal, _) => "private protected",
        (Accessibility.Protected, false) => "protected",
        (Accessibility.Protected, true) => "private protected",
        (Accessibility.ProtectedOrInternal, false) => "protected internal",
        (Accessibility.Public, false) => "public",
        _ => "internal",
    };

    private static string? ExtensionAccessibilityOf(INamedTypeSymbol entity, bool hidesParts)
    {
        bool isPublic = !hidesParts;
        for (INamedTypeSymbol? type = entity; type is not null; type = type.ContainingType)
        {
            switch (type.DeclaredAccessibility)
            {
                case Accessibility.Public:
                    break;
                case Accessibility.Internal or Accessibility.ProtectedOrInternal:
                    isPublic = false;
                    break;
                default:
                    return null;
            }
        }
        return isPublic ? "public" : "internal";
    }

    // a method of the store hides an extension of the same name
    private static string ExtensionNameOf(Compilation compilation, string outer, string name)
    {
        string plural = outer + Pluralizer.Pluralize(name);
        bool taken = compilation.GetTypeByMetadataName("MemStorage.MemStore")?.GetMembers(plural).Any(static m => m is IMethodSymbol { DeclaredAccessibility: Accessibility.Public }) == true;
        return taken ? outer + name + "Entities" : Identifiers.Escape(plural);
    }
}
