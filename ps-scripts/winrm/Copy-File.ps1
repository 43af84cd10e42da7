$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
$in=[Console]::OpenStandardInput();$out=[Console]::OpenStandardOutput()
$f=$null;$buf=[Array]::CreateInstance([byte],65536)
function Write-Answer([string]$Text){$b=[Text.Encoding]::ASCII.GetBytes($Text+"`n");$out.Write($b,0,$b.Length);$out.Flush()}
function Open-File([string]$Mode,[string]$Access,[string]$Share){[IO.File]::Open($path,[IO.FileMode]$Mode,[IO.FileAccess]$Access,[IO.FileShare]$Share)}
function Get-Digest($Stream,[long]$Left){
$s=[Security.Cryptography.SHA256]::Create()
while($Left -gt 0){$n=$Stream.Read($buf,0,[int][Math]::Min(65536,$Left));if($n -le 0){break};[void]$s.TransformBlock($buf,0,$n,$buf,0);$Left-=$n}
[void]$s.TransformFinalBlock($buf,0,0)
[BitConverter]::ToString($s.Hash).Replace('-','').ToLower()
}
try{
$line='';while($true){$c=$in.ReadByte();if($c -lt 0){throw 'no request on stdin'};if($c -eq 10){break};$line+=[char]$c}
$w=$line.Split(' ')
if($w[0] -cne 'exroll-file/1'){throw 'not a request'}
$path=[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($w[2]))
switch -casesensitive ($w[1]){
'put'{
$f=Open-File 'OpenOrCreate' 'ReadWrite' 'Read';$f.SetLength([long]$w[3]);[void]$f.Seek(0,2)
while(($n=$in.Read($buf,0,65536)) -gt 0){$f.Write($buf,0,$n)}
$f.Flush();$size=$f.Length;[void]$f.Seek(0,0);$h=Get-Digest $f $size
Write-Answer "ok $size $h"
}
'get'{
$f=Open-File 'Open' 'Read' 'ReadWrite, Delete';$size=$f.Length;$h=Get-Digest $f $size;[void]$f.Seek(0,0)
Write-Answer "ok $size $h"
$left=$size
while($left -gt 0){$n=$f.Read($buf,0,[int][Math]::Min(65536,$left));if($n -le 0){break};$out.Write($buf,0,$n);$left-=$n}
$out.Flush()
}
'hash'{
$f=Open-File 'Open' 'Read' 'ReadWrite, Delete';$size=$f.Length;$h=Get-Digest $f $size
Write-Answer "ok $size $h"
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
