import { contractVersion } from './catalog.js'

/** What PowerShell 1.0 answers, and what precheck blocks a server by (faults.md, `old-powershell`; WMF 2.0 is KB968930). */
const tooOld = {
  code: 'POWERSHELL_VERSION',
  message: 'PowerShell 1.0 is installed, 2.0 is needed',
  hint: 'Install Windows Management Framework 2.0 (KB968930), then run again.',
}

/**
 * Reads the call from stdin, checks the script's SHA-256, runs it with its arguments. PowerShell 2.0 syntax, .NET 2.0 types, no cmdlet.
 * `[Console]::In` needs `-InputFormat None`, else powershell.exe pumps stdin into `$input` at the same time (faults.md, "stdin").
 */
const runCall = `$u=[Text.Encoding]::UTF8
$c='CALL_DAMAGED'
try{
$a=@{};$h='';$s=$null;$e=$false
if([string][Console]::In.ReadLine() -cnotmatch '^exroll/1 [\\w-]+$'){throw 'no call on stdin'}
while(-not $e){
$l=[Console]::In.ReadLine()
if($l -eq $null){throw 'the call ends early'}
$w=$l.Split(' ')
if($w[0] -ceq 'sha256'){$h=$w[1]}
elseif($w[0] -ceq 'script'){$s=[Convert]::FromBase64String($w[1])}
elseif($w[0] -ceq 'arg'){$v=$u.GetString([Convert]::FromBase64String($w[2]));if($a.ContainsKey($w[1])){$a[$w[1]]=@($a[$w[1]])+$v}else{$a[$w[1]]=$v}}
elseif($w[0] -ceq 'end'){$e=$true}
else{throw 'a line of the call is not known'}
}
if($s -eq $null){throw 'the call has no script'}
$d=[BitConverter]::ToString([Security.Cryptography.SHA256]::Create().ComputeHash($s)).Replace('-','').ToLower()
if($d -cne $h){throw 'the script was changed on its way'}
$c='SCRIPT_FAILED'
& ([scriptblock]::Create($u.GetString($s))) @a
exit 0
}catch{
$m=''
foreach($x in ([string]$_).ToCharArray()){$n=[int]$x;if($n -lt 32 -or $n -gt 126 -or $n -eq 34 -or $n -eq 92){$m+='\\u'+$n.ToString('x4')}else{$m+=$x}}
[Console]::Out.WriteLine('{"type":"result","contract":1,"ok":false,"error":{"code":"'+$c+'","message":"'+$m+'"}}')
exit 1
}`

/**
 * What every call's command line runs: the same text for every call, so the line holds no data. All of it parses in PowerShell 1.0, which
 * has neither `try` nor splatting and would refuse the whole line without a word of ours: what needs 2.0 is text until the version is
 * known. 1.0 has no `$PSVersionTable`.
 */
const bootstrap = `$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
if($PSVersionTable -eq $null){[Console]::Out.WriteLine('${JSON.stringify({ type: 'result', contract: contractVersion, ok: false, error: tooOld })}');exit 1}
& ([scriptblock]::Create('${runCall.replaceAll("'", "''")}'))`

/** The command line of every call: under 8,191 characters (cmd.exe's limit), ASCII. */
export const callLine = `powershell.exe -NoLogo -NoProfile -NonInteractive -InputFormat None -EncodedCommand ${Buffer.from(
  bootstrap,
  'utf16le',
).toString('base64')}`
