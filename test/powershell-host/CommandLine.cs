using System.Text;

namespace PowerShellHost;

/// <summary>What to run and whether stdin is left alone, from the options of powershell.exe that exroll and its tests use.</summary>
internal sealed record CommandLine(string Script, bool PumpsInput, bool WritesClixml)
{
    public static CommandLine Read(string[] args)
    {
        string? script = null;
        var encoded = false;
        var pumps = true;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i].ToLowerInvariant())
            {
                case "-nologo" or "-noprofile" or "-noninteractive":
                    break;
                case "-inputformat":
                    pumps = !Next(args, ref i).Equals("none", StringComparison.OrdinalIgnoreCase);
                    break;
                case "-executionpolicy" or "-outputformat":
                    Next(args, ref i);
                    break;
                case "-encodedcommand":
                    script = Encoding.Unicode.GetString(Convert.FromBase64String(Next(args, ref i)));
                    encoded = true;
                    break;
                case "-command":
                    script = string.Join(' ', args[(i + 1)..]);
                    i = args.Length;
                    break;
                case "-file":
                    script = File.ReadAllText(Next(args, ref i));
                    break;
                default:
                    throw new ArgumentException($"this host does not know {args[i]}");
            }
        }
        return new CommandLine(script ?? throw new ArgumentException("nothing to run"), pumps, encoded && Console.IsInputRedirected);
    }

    private static string Next(string[] args, ref int i) =>
        ++i < args.Length ? args[i] : throw new ArgumentException($"{args[i - 1]} needs a value");
}
