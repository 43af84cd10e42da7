$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
$in=[Console]::OpenStandardInput();$out=[Console]::OpenStandardOutput()
$f=$null;$s=[Security.Cryptography.SHA256]::Create();$buf=[Array]::CreateInstance([byte],65536)
function Write-Answer([string]$Text){$b=[Text.Encoding]::ASCII.GetBytes($Text+"`n");$out.Write($b,0,$b.Length);$out.Flush()}
function Open-File([string]$Mode,[string]$Access,[string]$Share){[IO.File]::Open($path,[IO.FileMode]$Mode,[IO.FileAccess]$Access,[IO.FileShare]$Share)}
function Add-Digest([int]$Count){[void]$s.TransformBlock($buf,0,$Count,$buf,0)}
function Get-Digest{[void]$s.TransformFinalBlock($buf,0,0);[BitConverter]::ToString($s.Hash).Replace('-','').ToLower()}
function Read-Digest([long]$Left){while($Left -gt 0){$n=$f.Read($buf,0,[int][Math]::Min(65536,$Left));if($n -le 0){break};Add-Digest $n;$Left-=$n}}
function Read-Line{$l='';while($true){$c=$in.ReadByte();if($c -lt 0){throw 'no request on stdin'};if($c -eq 10){return $l};$l+=[char]$c}}
try{
$w=(Read-Line).Split(' ')
if($w[0] -cne 'exroll-file/1'){throw 'not a request'}
$path=[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($w[2]))
switch -casesensitive ($w[1]){
'put'{
$f=Open-File 'OpenOrCreate' 'ReadWrite' 'ReadWrite, Delete';$size=$w[3]
if($size -ceq '-'){$size=$f.Length;Read-Digest $size;Write-Answer ("ok $size "+(Get-Digest));$size=Read-Line;$s=[Security.Cryptography.SHA256]::Create();[void]$f.Seek(0,0)}
$size=[long]$size;$f.SetLength($size);Read-Digest $size
while(($n=$in.Read($buf,0,65536)) -gt 0){$f.Write($buf,0,$n);Add-Digest $n;$size+=$n}
$f.Flush();Write-Answer ("ok $size "+(Get-Digest))
}
'get'{
$f=Open-File 'Open' 'Read' 'ReadWrite, Delete';$size=$f.Length;Read-Digest $size;[void]$f.Seek(0,0)
Write-Answer ("ok $size "+(Get-Digest))
$left=$size
while($left -gt 0){$n=$f.Read($buf,0,[int][Math]::Min(65536,$left));if($n -le 0){break};$out.Write($buf,0,$n);$left-=$n}
$out.Flush()
}
'hash'{
$f=Open-File 'Open' 'Read' 'ReadWrite, Delete';$size=$f.Length;Read-Digest $size
Write-Answer ("ok $size "+(Get-Digest))
}
'remove'{[IO.File]::Delete($path);Write-Answer 'ok 0 -'}
default{throw 'not a request'}
}
$code=0
}catch{
$e=$_.Exception.GetBaseException();$k='TRANSFER_FAILED'
if($e -is [IO.FileNotFoundException] -or $e -is [IO.DirectoryNotFoundException]){$k='FILE_MISSING'}
elseif($e -is [UnauthorizedAccessException]){$k='ACCESS_DENIED'}
Write-Answer ("error $k "+[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($e.Message)))
$code=1
}
if($f -ne $null){$f.Close()}
exit $code
