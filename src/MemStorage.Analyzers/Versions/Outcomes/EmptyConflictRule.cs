using MemStorage.Analyzers.Versions.Retry;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions.Outcomes;

/// <summary>MST2007: the branch, section or handler that runs on a conflict does nothing. A comment in it is an answer: somebody thought about it.</summary>
internal static class EmptyConflictRule
{
    public static void Check(VersionScan scan)
    {
        foreach (IOperation statement in scan.Statements)
        {
            switch (statement)
            {
                case IConditionalOperation { Syntax: IfStatementSyntax syntax } conditional:
                    CheckIf(scan, conditional, syntax);
                    break;
                case ISwitchOperation { Syntax: SwitchStatementSyntax } @switch when OutcomeTest.IsResult(@switch.Value.Type):
                    CheckSwitch(scan, @switch);
                    break;
                case ITryOperation @try:
                    CheckTry(scan, @try);
                    break;
            }
        }
    }

    private static void CheckIf(VersionScan scan, IConditionalOperation conditional, IfStatementSyntax syntax)
    {
        bool thenEmpty = IsEmpty(syntax.Statement), elseEmpty = syntax.Else is { } e && IsEmpty(e.Statement);
        if ((!thenEmpty && !elseEmpty) || OutcomeTest.TryRead(conditional.Condition) is not { } test)
            return;
        if (thenEmpty && IsConflict(test.WhenTrue))
            Report(scan, syntax.Condition.GetLocation(), test.Subject.Syntax, "branch");
        else if (elseEmpty && IsConflict(test.WhenFalse))
            Report(scan, syntax.Else!.ElseKeyword.GetLocation(), test.Subject.Syntax, "branch");
    }

    private static void CheckSwitch(VersionScan scan, ISwitchOperation @switch)
    {
        // for (;;) { … switch (TryUpdate(o)) { case Updated: return; case VersionMismatch: break; } }: the next round is the answer
        if (RetryRegion.Around(@switch)?.Loop is { } loop && RetryCondition.SwitchRepeats(@switch, loop))
            return;
        var handled = Outcome.None;
        foreach (ISwitchCaseOperation section in @switch.Cases)
        {
            foreach (ICaseClauseOperation clause in section.Clauses)
                handled |= Of(clause);
        }
        foreach (ISwitchCaseOperation section in @switch.Cases)
        {
            if (section.Syntax is not SwitchSectionSyntax syntax || !IsEmpty(syntax))
                continue;
            var outcomes = Outcome.None;
            foreach (ICaseClauseOperation clause in section.Clauses)
                outcomes |= clause is IDefaultCaseClauseOperation ? Outcome.All & ~handled : Of(clause);
            if (IsConflict(outcomes))
                Report(scan, syntax.Labels[0].GetLocation(), @switch.Value.Syntax, "section");
        }

        static Outcome Of(ICaseClauseOperation clause) => clause switch
        {
            ISingleValueCaseClauseOperation single => OutcomeTest.OfConstant(single.Value) ?? Outcome.None,
            IPatternCaseClauseOperation { Guard: null } pattern => OutcomeTest.OfPattern(pattern.Pattern)?.Matched ?? Outcome.None,
            _ => Outcome.None,
        };
    }

    private static void CheckTry(VersionScan scan, ITryOperation @try)
    {
        // while (true) { … try { SetOrThrow(o); return; } catch { } }: likewise
        if (RetryRegion.Around(@try)?.Loop is { } loop && RetryCondition.Leaves(@try.Body, loop))
            return;
        StoreCall? write = null;
        foreach (ICatchClauseOperation clause in @try.Catches)
        {
            if (clause.Syntax is not CatchClauseSyntax syntax || !IsEmpty(syntax.Block) || !Catches(clause, scan.Symbols))
                continue;
            write ??= FindThrowingWrite(@try.Body, scan);
            if (write is null)
                return;
            Report(scan, syntax.CatchKeyword.GetLocation(), write.Invocation.Syntax, "handler");
        }
    }

    /// <summary>Whether the handler takes version conflicts: everything, or our exception, unless a filter names other errors.</summary>
    private static bool Catches(ICatchClauseOperation clause, VersionSymbols symbols)
    {
        bool ours = symbols.Exception.Contains(clause.ExceptionType);
        if (!ours && clause.ExceptionType is not ({ SpecialType: SpecialType.System_Object } or { Name: "Exception", ContainingNamespace.Name: "System" }))
            return false;
        if (clause.Filter is null)
            return true;
        foreach (IOperation operation in clause.Filter.DescendantsAndSelf())
        {
            if (operation is IFieldReferenceOperation { Field: { Name: "VersionMismatch", IsConst: true }, Parent: not IBinaryOperation { OperatorKind: BinaryOperatorKind.NotEquals } })
                return true;
        }
        return false;
    }

    private static StoreCall? FindThrowingWrite(IBlockOperation body, VersionScan scan)
    {
        // "it must have thrown": a test that expects the exception
        if (body.Operations.LastOrDefault() is IThrowOperation or IExpressionStatementOperation { Operation: IThrowOperation or IInvocationOperation { TargetMethod.Name: "Fail" } })
            return null;
        foreach (IOperation operation in body.Descendants())
        {
            if (operation is IInvocationOperation invocation && scan.CallOf(invocation) is { Throws: true } call && !IsInLambda(operation, body))
                return call;
        }
        return null;
    }

    private static bool IsInLambda(IOperation operation, IOperation root)
    {
        for (IOperation? o = operation; o is not null && o != root; o = o.Parent)
        {
            if (o is IAnonymousFunctionOperation or ILocalFunctionOperation)
                return true;
        }
        return false;
    }

    private static bool IsConflict(Outcome outcome) => (outcome & Outcome.Conflict) != 0 && (outcome & Outcome.Success) == 0;

    private static bool IsEmpty(StatementSyntax statement) => statement switch
    {
        EmptyStatementSyntax => true,
        BlockSyntax block => block.Statements.All(IsEmpty) && !HasComment(block, block.OpenBraceToken.Span.End, block.CloseBraceToken.SpanStart),
        _ => false,
    };

    private static bool IsEmpty(SwitchSectionSyntax section)
    {
        SyntaxList<StatementSyntax> statements = section.Statements;
        if (statements is [BlockSyntax block, ..])
            statements = statements.Count == 1 ? block.Statements : block.Statements.AddRange(statements.Skip(1));
        if (statements is not [BreakStatementSyntax])
            return false;
        // what stands behind the label describes the label
        int from = section.SyntaxTree.GetText().Lines.GetLineFromPosition(section.Labels.Last().Span.End).End;
        return !HasComment(section, from, section.FullSpan.End);
    }

    /// <summary>A comment between two positions, or code that is compiled under another symbol.</summary>
    private static bool HasComment(SyntaxNode node, int from, int to)
    {
        foreach (SyntaxTrivia trivia in node.DescendantTrivia())
        {
            if (trivia.SpanStart >= from && trivia.Span.End <= to
                && (trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia) || trivia.IsKind(SyntaxKind.DisabledTextTrivia)))
                return true;
        }
        return false;
    }

    private static void Report(VersionScan scan, Location location, SyntaxNode subject, string what)
    {
        string text = subject.ToString();
        if (text.Length > 60 || text.Contains('\n'))
            text = text.Substring(0, Math.Min(text.IndexOf('\n') is >= 0 and var line ? line : text.Length, 60)).TrimEnd() + "…";
        scan.Report(Diagnostic.Create(VersionRules.EmptyConflict, location, text, what));
    }
}
