/**
 * What a script for servers may use. Everything here is in PowerShell 2.0 and .NET 2.0 SP1 (about_* topics of 2.0, "Version
 * Information" of the .NET reference); that .NET 10 has it too is asked of the engine that runs the tests.
 */

/** Cmdlets of Microsoft.PowerShell.Core in 2.0 and in 7; the engine of the tests has no others. */
export const cmdlets = new Set(['ForEach-Object', 'Where-Object'])

/** Verbs that Get-Verb of 2.0 lists and our functions use. */
export const verbs = new Set(
  'Add Clear Close Complete Compress Confirm Convert ConvertFrom ConvertTo Copy Disable Dismount Enable Exit Expand Export Find Format Get Import Initialize Install Invoke Join Limit Lock Measure Merge Mount Move New Open Pop Push Read Receive Register Remove Rename Repair Request Reset Resolve Restart Restore Resume Save Search Select Send Set Show Split Start Step Stop Submit Suspend Switch Sync Test Trace Uninstall Unlock Unprotect Protect Unregister Update Use Wait Write'.split(
    ' ',
  ),
)

/** Parts of speech (names of System.Management.Automation.Language) that 2.0's parser has. */
export const nodes = new Set(
  'ArrayExpression ArrayLiteral AssignmentStatement BinaryExpression BreakStatement CatchClause Command CommandExpression CommandParameter ConstantExpression ContinueStatement ConvertExpression DoUntilStatement DoWhileStatement ExitStatement ExpandableStringExpression ForEachStatement ForStatement FunctionDefinition Hashtable IfStatement IndexExpression InvokeMemberExpression MemberExpression NamedBlock ParamBlock Parameter ParenExpression Pipeline ReturnStatement ScriptBlock ScriptBlockExpression StatementBlock StringConstantExpression SubExpression SwitchStatement ThrowStatement TryStatement TypeConstraint TypeExpression UnaryExpression VariableExpression WhileStatement'
    .split(' ')
    .map(name => `${name}Ast`),
)

/** Operators and keywords of 2.0 (about_Operators, about_Reserved_Words). -in, -notin, -shl, -shr came with 3.0; &&, ||, ??, ?. and ternary with 7. */
export const operators = new Set(
  '+ - * / % ++ -- += -= *= = , .. ! & -not -and -or -xor -band -bor -bxor -bnot -eq -ne -gt -ge -lt -le -ceq -cne -cgt -cge -clt -cle -ieq -ine -like -notlike -clike -cnotlike -match -notmatch -cmatch -cnotmatch -contains -notcontains -ccontains -cnotcontains -replace -creplace -split -csplit -join -is -isnot -as -f break catch continue default do else elseif exit finally for foreach function if in param return switch throw try until while'.split(
    ' ',
  ),
)

/** Type names as they may be written: accelerators of 2.0, then .NET 2.0 without `System.`. */
export const types = new Set(
  `bool byte byte[] char char[] hashtable int long object[] scriptblock string string[] uint32 version void
  Activator ArgumentException Array BadImageFormatException BitConverter Collections.ArrayList Collections.IDictionary
  Collections.IEnumerable Collections.Specialized.OrderedDictionary ComponentModel.Win32Exception Console Convert DateTime
  Diagnostics.EventLog Diagnostics.EventLogEntryType Diagnostics.FileVersionInfo Diagnostics.Process Diagnostics.ProcessStartInfo
  Diagnostics.Stopwatch Environment Globalization.CultureInfo Guid IntPtr InvalidOperationException IO.BinaryReader IO.Directory IO.DirectoryNotFoundException
  IO.DriveInfo IO.File IO.FileAccess IO.FileAttributes IO.FileInfo IO.FileNotFoundException IO.FileMode IO.FileOptions IO.FileShare IO.FileStream IO.IOException IO.Path
  IO.SeekOrigin IO.Stream IO.StreamReader Math Microsoft.Win32.Registry Microsoft.Win32.RegistryValueKind
  Microsoft.Win32.RegistryValueOptions Reflection.Assembly Reflection.AssemblyName Reflection.BindingFlags
  Runtime.InteropServices.Marshal Security.AccessControl.AccessControlSections
  Security.AccessControl.AccessControlType Security.AccessControl.DirectorySecurity Security.Cryptography.SHA256
  Security.Cryptography.X509Certificates.X509Certificate Security.Cryptography.X509Certificates.X509Certificate2
  Security.Cryptography.X509Certificates.X509Chain Security.Cryptography.X509Certificates.X509RevocationMode
  Security.Principal.IdentityNotMappedException Security.Principal.NTAccount
  Security.Principal.SecurityIdentifier Security.Principal.WindowsBuiltInRole Security.Principal.WindowsIdentity
  Security.Principal.WindowsPrincipal Security.SecurityElement ServiceProcess.ServiceController StringComparison StringSplitOptions
  Text.Encoding Text.RegularExpressions.Regex Text.StringBuilder Threading.Mutex Threading.Thread
  Threading.WaitHandleCannotBeOpenedException TimeSpan Type UnauthorizedAccessException Uri`.split(/\s+/),
)

/** Static members of .NET 2.0. */
export const statics = new Set(
  `Activator::CreateInstance Array::CreateInstance Array::Reverse BitConverter::GetBytes BitConverter::ToInt32 BitConverter::ToString Console::Error Console::OpenStandardInput Console::OpenStandardOutput Console::Out
  Convert::FromBase64String Convert::ToBase64String DateTime::ParseExact DateTime::UtcNow Diagnostics.EventLog::CreateEventSource
  Diagnostics.EventLog::SourceExists Diagnostics.EventLog::WriteEntry Diagnostics.FileVersionInfo::GetVersionInfo
  Diagnostics.Process::GetCurrentProcess Diagnostics.Process::GetProcessById Diagnostics.Process::GetProcessesByName
  Diagnostics.Process::Start Diagnostics.Stopwatch::Frequency Diagnostics.Stopwatch::GetTimestamp Environment::ExpandEnvironmentVariables Environment::GetEnvironmentVariable
  Environment::GetFolderPath Environment::MachineName Environment::OSVersion Environment::SystemDirectory Environment::UserDomainName
  Globalization.CultureInfo::InvariantCulture Guid::NewGuid IntPtr::Size IO.Directory::CreateDirectory IO.Directory::Delete
  IO.Directory::Exists IO.Directory::GetDirectories IO.Directory::GetFileSystemEntries IO.Directory::GetFiles IO.Directory::Move
  IO.File::Copy IO.File::Delete IO.File::Exists IO.File::GetAttributes IO.File::GetLastWriteTimeUtc IO.File::Move IO.File::Open
  IO.File::ReadAllBytes IO.File::ReadAllText IO.File::Replace IO.File::WriteAllText IO.FileAccess::Read IO.FileAccess::ReadWrite
  IO.FileAccess::Write IO.FileAttributes::ReparsePoint IO.FileMode::CreateNew IO.FileMode::Open IO.FileMode::OpenOrCreate
  IO.FileOptions::WriteThrough IO.FileShare::None IO.FileShare::Read IO.FileShare::ReadWrite IO.Path::Combine
  IO.Path::GetDirectoryName IO.Path::GetExtension IO.Path::GetFileName IO.Path::GetFileNameWithoutExtension IO.Path::GetPathRoot
  IO.SeekOrigin::Begin IO.SeekOrigin::End Math::Ceiling Math::Floor Math::Max Math::Min Microsoft.Win32.Registry::LocalMachine
  Microsoft.Win32.Registry::Users Microsoft.Win32.RegistryValueOptions::DoNotExpandEnvironmentNames
  Reflection.Assembly::LoadWithPartialName Reflection.AssemblyName::GetAssemblyName
  Runtime.InteropServices.Marshal::GetHRForException Security.AccessControl.AccessControlType::Allow Security.Cryptography.SHA256::Create
  Security.Cryptography.X509Certificates.X509Certificate::CreateFromSignedFile
  Security.Cryptography.X509Certificates.X509RevocationMode::Online Security.Principal.WindowsBuiltInRole::Administrator
  Security.Principal.WindowsIdentity::GetCurrent Security.SecurityElement::Escape ServiceProcess.ServiceController::GetServices
  string::Compare string::Equals string::Join string::IsNullOrEmpty StringComparison::Ordinal StringComparison::OrdinalIgnoreCase
  StringSplitOptions::RemoveEmptyEntries Text.Encoding::ASCII Text.Encoding::GetEncoding Text.Encoding::Unicode Text.Encoding::UTF8
  Text.RegularExpressions.Regex::Escape Text.RegularExpressions.Regex::Replace Threading.Mutex::OpenExisting Threading.Thread::Sleep
  TimeSpan::FromSeconds Type::GetType Type::GetTypeFromProgID Uri::EscapeDataString Uri::UnescapeDataString`.split(
    /\s+/,
  ),
)

/** Members of objects: of .NET 2.0, and of what 2.0's engine gives ($_, $PSVersionTable). Property getters also as `get_Name`. */
export const members = new Set(
  `AccessControlType Add AddMilliseconds AddMinutes AddSeconds Append AvailableFreeSpace BaseObject Build ChainPolicy ChainStatus Clear Close
  ComputeHash Contains ContainsKey Hash SetLength TransformBlock TransformFinalBlock Count CreateNoWindow CreateSubKey Data DeleteValue DisplayName EndsWith Entries EntryType Exception
  ExitCode FileBuildPart FileMajorPart FileMinorPart FilePrivatePart FileSystemRights Flush GetAccessRules GetBaseException GetBytes GetChars
  GetDecoder GetOwner GetString GetSubKeyNames GetValue IdentityReference Id IndexOf InnerException Insert InstanceId InvocationInfo
  InvokeMember IsInRole Keys
  Kill LastIndexOf Length MachineName Major Message Minor Name NativeErrorCode OpenSubKey PSObject PSVersion PadLeft PadRight Position
  ProcessorArchitecture Read ReadByte ReadInt32 ReadLine ReadToEnd ReadUInt16 RedirectStandardError RedirectStandardInput
  RedirectStandardOutput Remove RemoveRange Replace RevocationMode ScriptLineNumber Seek ServiceName SetValue Source Split StandardError
  StandardInput StandardOutput Start StartTime StartsWith Status StatusInformation Substring TimeGenerated ToArray ToCharArray
  ToFileTimeUtc ToLower ToString ToUniversalTime ToUpper Translate Trim TrimEnd TrimStart UrlRetrievalTimeout UseShellExecute User Value Values
  Version WaitForExit Write WriteLine`.split(/\s+/),
)

/** Variables of later versions, or of places where our scripts do not run. */
export const deniedVariables = new Set(['psitem', 'pscommandpath', 'iswindows', 'islinux', 'ismacos', 'iscoreclr'])
