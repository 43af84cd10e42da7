using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Security;

namespace PowerShellHost;

internal static class Engine
{
    /// <summary>Runs the script as powershell.exe would and returns its exit code.</summary>
    public static int Run(CommandLine line)
    {
        var host = new SilentHost();
        // CreateDefault2 has the cmdlets of Microsoft.PowerShell.Core only; no module may add to them.
        var state = InitialSessionState.CreateDefault2();
        state.Variables.Add(new SessionStateVariableEntry("PSModuleAutoLoadingPreference", "None", null));
        using var runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.Open();
        using var shell = PowerShell.Create(runspace);
        shell.AddScript(line.Script);
        var output = new PSDataCollection<PSObject>();
        output.DataAdded += (_, added) => Console.Out.WriteLine(output[added.Index]?.ToString());
        shell.Streams.Error.DataAdded += (_, added) => WriteError(line, shell.Streams.Error[added.Index]);
        try
        {
            // Like powershell.exe: unless told "-InputFormat None" it empties stdin into $input, whoever else reads there.
            if (line.PumpsInput && Console.IsInputRedirected) shell.EndInvoke(shell.BeginInvoke(Pumped(), output));
            else shell.Invoke(null, output);
        }
        catch (RuntimeException error)
        {
            WriteError(line, error.ErrorRecord);
            return host.ExitCode ?? 1;
        }
        return host.ExitCode ?? (shell.HadErrors ? 1 : 0);
    }

    private static PSDataCollection<string> Pumped()
    {
        var lines = new PSDataCollection<string>();
        Task.Run(() =>
        {
            while (Console.In.ReadLine() is { } text) lines.Add(text);
            lines.Complete();
        });
        return lines;
    }

    private static void WriteError(CommandLine line, ErrorRecord record)
    {
        var text = $"{record}\n{record.InvocationInfo?.PositionMessage}\n{record.ScriptStackTrace}\n";
        if (!line.WritesClixml)
        {
            Console.Error.Write(text);
            return;
        }
        var escaped = SecurityElement.Escape(text)!.Replace("\n", "_x000D__x000A_");
        Console.Error.Write($"#< CLIXML\r\n<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\"><S S=\"Error\">{escaped}</S></Objs>");
    }
}

/// <summary>A host without a user interface that remembers what `exit` was given.</summary>
internal sealed class SilentHost : PSHost
{
    public int? ExitCode { get; private set; }
    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;
    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;
    public override Guid InstanceId { get; } = Guid.NewGuid();
    public override string Name => "ConsoleHost";
    public override PSHostUserInterface UI => null!;
    public override Version Version { get; } = new(7, 6);
    public override void EnterNestedPrompt() => throw new NotSupportedException();
    public override void ExitNestedPrompt() => throw new NotSupportedException();
    public override void NotifyBeginApplication() { }
    public override void NotifyEndApplication() { }
    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;
}
