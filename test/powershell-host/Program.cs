using PowerShellHost;

// Stands in for powershell.exe in tests: the language and the Microsoft.PowerShell.Core cmdlets, nothing else.
Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
if (args.Length > 0 && args[0] == "--parse")
{
    Console.Out.WriteLine(ScriptFacts.Read(args[1..]));
    return 0;
}
if (args.Contains("-sshs")) return RemotingServer.Run();
try
{
    return Engine.Run(CommandLine.Read(args));
}
catch (ArgumentException error)
{
    Console.Error.WriteLine(error.Message);
    return 64;
}
