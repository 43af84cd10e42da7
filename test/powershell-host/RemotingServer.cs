using System.Management.Automation;
using System.Reflection;

namespace PowerShellHost;

/// <summary>`-sshs`, as sshd's subsystem starts pwsh: PowerShell remoting over stdin and stdout (about_Remoting over SSH).</summary>
internal static class RemotingServer
{
    /// <summary>Serves until the client goes. pwsh calls the same method, which the engine keeps to itself.</summary>
    public static int Run()
    {
        const string name = "System.Management.Automation.Remoting.Server.StdIOProcessMediator";
        var run = typeof(PSObject).Assembly.GetType(name, throwOnError: true)!
            .GetMethod("Run", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
            ?? throw new MissingMethodException(name, "Run");
        // No working directory: to go there it would need Set-Location, which is in a module.
        run.Invoke(null, [null, null, null, null, false]);
        return 0;
    }
}
