using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions;

/// <summary>The operation trees of a code block, and their control flow graphs.</summary>
internal static class CodeRoots
{
    /// <summary>The topmost operations below <paramref name="codeBlock"/>: a body, initializers. Attributes hold nothing of interest.</summary>
    public static IEnumerable<IOperation> Of(SyntaxNode codeBlock, SemanticModel model, CancellationToken cancellationToken)
    {
        if (codeBlock is AttributeListSyntax or TypeSyntax)
            yield break;
        if (codeBlock is not BaseTypeDeclarationSyntax && model.GetOperation(codeBlock, cancellationToken) is { } operation)
        {
            if (operation.Parent is null)
                yield return operation;
            yield break;
        }
        foreach (SyntaxNode child in codeBlock.ChildNodes())
        {
            // Types inside a compilation unit are code blocks of their own; so are the members of a type, which is one itself when its primary
            // constructor calls that of a base class.
            if (child is BaseTypeDeclarationSyntax or BaseNamespaceDeclarationSyntax || (codeBlock is BaseTypeDeclarationSyntax && child is MemberDeclarationSyntax))
                continue;
            foreach (IOperation root in Of(child, model, cancellationToken))
                yield return root;
        }
    }

    /// <summary>The graph of a root and of every lambda and local function inside, outermost first. Empty for what has no graph.</summary>
    /// <param name="root">The topmost operation.</param>
    /// <param name="hasFunctions">False when it is known that there is no lambda and no local function to look for.</param>
    /// <param name="cancellationToken">Stops the making of the graphs.</param>
    public static List<ControlFlowGraph> Graphs(IOperation root, bool hasFunctions, CancellationToken cancellationToken)
    {
        var graphs = new List<ControlFlowGraph>();
        if (BodyGraphs.Of(root, cancellationToken) is not { } graph)
            return graphs;
        if (hasFunctions)
            Add(graph);
        else
            graphs.Add(graph);
        return graphs;

        void Add(ControlFlowGraph g)
        {
            graphs.Add(g);
            foreach (IMethodSymbol function in g.LocalFunctions)
                Add(g.GetLocalFunctionControlFlowGraph(function, cancellationToken));
            foreach (BasicBlock block in g.Blocks)
            {
                foreach (IOperation operation in Operations(block))
                {
                    foreach (IOperation nested in operation.DescendantsAndSelf())
                    {
                        if (nested is IFlowAnonymousFunctionOperation lambda)
                            Add(g.GetAnonymousFunctionControlFlowGraph(lambda, cancellationToken));
                    }
                }
            }
        }
    }

    /// <summary>The operations of a block in order, the value it branches on or returns last.</summary>
    public static IEnumerable<IOperation> Operations(BasicBlock block)
    {
        foreach (IOperation operation in block.Operations)
            yield return operation;
        if (block.BranchValue is { } value)
            yield return value;
    }
}
