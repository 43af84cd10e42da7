@{
  RootModule = 'ExRoll.psm1'
  ModuleVersion = '0.1.0'
  GUID = '6a0c0c52-4b8e-4f0e-9f0a-3d7c5a9be1d4'
  Author = 'The exroll authors'
  CompanyName = 'exroll'
  Copyright = 'MIT licence'
  Description = 'Patches a fleet of Exchange servers: rolling batches, exact restore of settings and services, and a diagnosis instead of a bare 1603.'
  PowerShellVersion = '5.1'
  CompatiblePSEditions = @('Desktop', 'Core')
  FunctionsToExport = @('Invoke-ExRoll', 'Resume-ExRoll', 'Get-ExRollRun', 'Get-ExRollFact', 'Restore-ExRollSetting', 'Test-ExRollInventory', 'Read-ExRollLog', 'Show-ExRollDashboard')
  CmdletsToExport = @()
  VariablesToExport = @()
  AliasesToExport = @()
  FormatsToProcess = @('ExRoll.Format.ps1xml')
  PrivateData = @{ PSData = @{ Tags = @('Exchange', 'Patching', 'Rollup', 'WinRM', 'SSH'); LicenseUri = 'https://opensource.org/license/mit' } }
}
