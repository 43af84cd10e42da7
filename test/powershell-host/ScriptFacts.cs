using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using System.Text.Json;

namespace PowerShellHost;

/// <summary>What a script uses, from its syntax tree: the lint tests compare it with what servers have.</summary>
internal static class ScriptFacts
{
    /// <summary>A JSON array, one object a file; `line` is the first line of each thing.</summary>
    public static string Read(IEnumerable<string> files)
    {
        // Type names are looked up in what is loaded; the scripts load this one by themselves.
        Assembly.Load(typeof(System.ServiceProcess.ServiceController).Assembly.GetName());
        return JsonSerializer.Serialize(files.Select(Facts));
    }

    private static object Facts(string file)
    {
        var ast = Parser.ParseFile(file, out var tokens, out var errors);
        return new
        {
            file,
            errors = errors.Select(error => Use(error.Message, error.Extent)),
            parameters = Parameters(ast.ParamBlock?.Parameters),
            functions = All<FunctionDefinitionAst>(ast).Select(function => new { name = function.Name, line = function.Extent.StartLineNumber, parameters = Parameters(function.Parameters ?? function.Body.ParamBlock?.Parameters) }),
            commands = All<CommandAst>(ast).Select(Command),
            types = TypeNames(ast),
            statics = All<MemberExpressionAst>(ast).Where(member => member.Static).Select(Static),
            members = All<MemberExpressionAst>(ast).Where(member => !member.Static).Select(member => Use(member.Member is StringConstantExpressionAst name ? name.Value : "(computed)", member.Extent)),
            nodes = ast.FindAll(_ => true, true).Select(node => Use(node.GetType().Name, node.Extent)).DistinctBy(use => use.name),
            operators = tokens.Where(IsOperator).Select(token => Use(token.Text.ToLowerInvariant(), token.Extent)),
            variables = All<VariableExpressionAst>(ast).Select(variable => Use(variable.VariablePath.UserPath, variable.Extent)),
            // 2.0 runs the body once for a command that returned nothing.
            bareLoops = All<ForEachStatementAst>(ast).Where(loop => loop.Condition is PipelineAst { PipelineElements: [CommandAst, ..] }).Select(loop => Use("foreach", loop.Extent)),
        };
    }

    private static Fact Use(string name, IScriptExtent at) => new(name, at.StartLineNumber);

    private static object Command(CommandAst command) => new
    {
        name = command.GetCommandName() ?? "",
        line = command.Extent.StartLineNumber,
        invoked = command.InvocationOperator.ToString(),
        parameters = command.CommandElements.OfType<CommandParameterAst>().Select(parameter => parameter.ParameterName),
        // 3.0 takes `Where-Object Name -eq x`, 2.0 only a script block.
        block = command.CommandElements.Count == 2 && command.CommandElements[1] is ScriptBlockExpressionAst,
    };

    private static object Static(MemberExpressionAst member)
    {
        var type = member.Expression is TypeExpressionAst expression ? expression.TypeName : null;
        var name = member.Member is StringConstantExpressionAst text ? text.Value : "(computed)";
        var known = type?.GetReflectionType() is { } found && found.GetMember(name.StartsWith("get_") ? name[4..] : name).Length > 0;
        return new { type = type?.FullName ?? "(computed)", name, line = member.Extent.StartLineNumber, known };
    }

    private static IEnumerable<object> TypeNames(Ast ast) =>
        All<TypeExpressionAst>(ast).Select(type => type.TypeName)
            .Concat(All<TypeConstraintAst>(ast).Select(type => type.TypeName))
            .Select(type => new { name = type.FullName, line = type.Extent.StartLineNumber, known = type.GetReflectionType() is not null });

    private static IEnumerable<object> Parameters(IEnumerable<ParameterAst>? parameters) => (parameters ?? []).Select(parameter => new
    {
        name = parameter.Name.VariablePath.UserPath,
        type = parameter.Attributes.OfType<TypeConstraintAst>().FirstOrDefault()?.TypeName.FullName ?? "",
        line = parameter.Extent.StartLineNumber,
    });

    private static bool IsOperator(Token token) =>
        (token.TokenFlags & (TokenFlags.BinaryOperator | TokenFlags.UnaryOperator | TokenFlags.AssignmentOperator | TokenFlags.Keyword)) != 0
        || token.Kind is TokenKind.QuestionDot or TokenKind.QuestionLBracket or TokenKind.Redirection or TokenKind.AndAnd or TokenKind.OrOr or TokenKind.Ampersand;

    private static IEnumerable<T> All<T>(Ast ast) where T : Ast => ast.FindAll(node => node is T, true).Cast<T>();

    private sealed record Fact(string name, int line);
}
