# One call, one envelope: its data, or the error that stopped it.
. "$PSScriptRoot\..\shared\Json.ps1"
. "$PSScriptRoot\..\shared\WindowsCalls.ps1"

# Ends the call with a stable code and what to try next.
function Stop-Call([string]$Code, [string]$Message, [string]$Hint) {
  $problem = [Activator]::CreateInstance([InvalidOperationException], [object[]]@($Message))
  $problem.Data['code'] = $Code
  $problem.Data['hint'] = $Hint
  throw $problem
}

function Write-CallProgress([string]$Key, $Value) {
  Write-JsonLine (New-Record 'type' 'progress' $Key $Value)
}

# Runs the body of a call and answers with the last thing it returns.
function Invoke-Answer([scriptblock]$Body) {
  try {
    $returned = @(& $Body)
    Write-JsonLine (New-Record 'type' 'result' 'contract' 1 'ok' $true 'data' $returned[$returned.Length - 1])
  } catch {
    # What a .NET method threw is inside what PowerShell makes of it.
    $problem = $_.Exception.GetBaseException()
    $code = [string]$problem.Data['code']
    $detail = New-Record 'code' $code 'message' $problem.Message
    if ($code -eq '') {
      $detail['code'] = 'SCRIPT_FAILED'
      $detail['message'] = $problem.Message + ' (line ' + [string]$_.InvocationInfo.ScriptLineNumber + ')'
    }
    if ([string]$problem.Data['hint'] -ne '') { $detail['hint'] = [string]$problem.Data['hint'] }
    Write-JsonLine (New-Record 'type' 'result' 'contract' 1 'ok' $false 'error' $detail)
  }
}

# For calls that change the server or read what only Administrators may: a filtered token would get stuck half way.
# The name is not $Name: the scripts that it runs have parameters of their own, and see those of whoever runs them.
function Invoke-PrivilegedAnswer([string]$CalledName, [scriptblock]$Act) {
  Invoke-Answer {
    if (-not (Get-Logon)['elevated']) {
      Stop-Call 'ACCESS_DENIED' ($CalledName + ' needs a full token; this logon has a filtered one') 'Log on with a domain account that is in the Administrators group of the server.'
    }
    & $Act
  }
}
