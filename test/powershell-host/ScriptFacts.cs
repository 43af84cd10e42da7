using System.Management.Automation.Language;
using System.Text.Json;

namespace PowerShellHost;

/// <summary>What a script uses, from its syntax tree: the lint tests compare it with what servers have.</summary>
internal static class ScriptFacts
{
    public static string Read(IEnumerable<string> files) => JsonSerializer.Serialize(files.Select(Facts));

    private static object Facts(string file)
    {
        var ast = Parser.ParseFile(file, out var tokens, out var errors);
        return new
        {
            file,
            errors = errors.Select(error => new { line = error.Extent.StartLineNumber, message = error.Message }),
            parameters = ast.ParamBlock?.Parameters.Select(parameter => new
            {
                name = parameter.Name.VariablePath.UserPath,
                type = parameter.StaticType == typeof(object) ? "" : TypeOf(parameter),
            }) ?? [],
            commands = All<CommandAst>(ast, command => command.GetCommandName() ?? ""),
            functions = All<FunctionDefinitionAst>(ast, function => function.Name),
            types = All<TypeExpressionAst>(ast, type => type.TypeName.FullName)
                .Concat(All<TypeConstraintAst>(ast, type => type.TypeName.FullName)),
            members = All<MemberExpressionAst>(ast, member => member.Member.Extent.Text),
            nodes = ast.FindAll(_ => true, true).GroupBy(node => node.GetType().Name).ToDictionary(group => group.Key, group => group.First().Extent.StartLineNumber),
            tokens = tokens.Where(token => (token.TokenFlags & (TokenFlags.BinaryOperator | TokenFlags.UnaryOperator | TokenFlags.Keyword)) != 0 || token.Kind is TokenKind.QuestionDot)
                .Select(token => new { name = token.Text.ToLowerInvariant(), line = token.Extent.StartLineNumber }),
            variables = All<VariableExpressionAst>(ast, variable => variable.VariablePath.UserPath),
        };
    }

    private static string TypeOf(ParameterAst parameter) =>
        parameter.Attributes.OfType<TypeConstraintAst>().FirstOrDefault()?.TypeName.FullName ?? "";

    private static IEnumerable<object> All<T>(Ast ast, Func<T, string> name) where T : Ast =>
        ast.FindAll(node => node is T, true).Cast<T>().Select(node => (object)new { name = name(node), line = node.Extent.StartLineNumber });
}
