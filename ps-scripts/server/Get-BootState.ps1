param()
$ErrorActionPreference = 'Stop'
