/**
 * What every call's command line runs: reads the call from stdin, checks the script's SHA-256, runs it with its arguments. The same
 * text for every call, so the line holds no data. PowerShell 2.0 syntax, .NET 2.0 types, no cmdlet. `[Console]::In` needs
 * `-InputFormat None`, else powershell.exe pumps stdin into `$input` at the same time (faults.md, "stdin").
 */
const bootstrap = `$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
$u=[Text.Encoding]::UTF8
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

/** The command line of every call: under 8,191 characters (cmd.exe's limit), ASCII. */
export const callLine = `powershell.exe -NoLogo -NoProfile -NonInteractive -InputFormat None -EncodedCommand ${Buffer.from(
  bootstrap,
  'utf16le',
).toString('base64')}`
