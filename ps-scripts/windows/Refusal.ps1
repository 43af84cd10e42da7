# What Windows refused with.
. "$PSScriptRoot\..\shared\Json.ps1"

# `result` is the HRESULT as it is written, without a sign; `text` its words.
function New-Refusal($Problem) {
  $cause = $Problem.Exception.GetBaseException()
  return (New-Record 'result' ([long][Runtime.InteropServices.Marshal]::GetHRForException($cause) -band [long]4294967295) 'text' $cause.Message.Trim())
}
