import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.js'
import { knowledge } from '../../src/products/knowledge.js'
import { attemptOf, utf8 } from './log-bytes.js'

/** What Setup says, and what it means (exchange.md 6.3). */
const sentences: [said: string, cause: string][] = [
  [
    "Couldn't remove product with code 1f0c2a5e-7d31-4a0b-9b52-3c7a9d1e2f44. The installation source for this product is not available. Verify that the source exists and that you can access it. Error code is 1612.",
    'missing-cached-package',
  ],
  [
    'Unable to remove product with code 1f0c2a5e-7d31-4a0b-9b52-3c7a9d1e2f44. Fatal error during installation. Error code is 1603.',
    'unknown',
  ],
  [
    "Unable to remove product with code 1f0c2a5e-7d31-4a0b-9b52-3c7a9d1e2f44. Fatal error during installation. Error code is 1603. Last error reported by the MSI package is 'An installation package for the product Contoso cannot be found. Try the installation again using a valid copy of the installation package 'x.msi'.'.",
    'missing-cached-package',
  ],
  [
    'Installing product D:\\exchangeserver.msi failed. The installation source for this product is not available. Error code is 1612.',
    'missing-cached-package',
  ],
  ['Installing product D:\\exchangeserver.msi failed. Fatal error during installation. Error code is 1603.', 'unknown'],
  ['Object reference not set to an instance of an object.', 'unknown'],
  [
    'System.ComponentModel.Win32Exception: The service cannot be started, either because it is disabled or because it has no enabled devices associated with it',
    'services-disabled',
  ],
  [
    'There are no more endpoints available from the endpoint mapper. (Exception from HRESULT: 0x800706D9)',
    'services-not-started',
  ],
  ['Unable to set shared config DC.', 'active-directory'],
  [
    "Failure configuring SearchFoundation through InstallConfig.ps1 - Old nodes belonging to the system 'Fsis', already exist in 'D:\\x'",
    'search-foundation',
  ],
  ['Failed to mount database "DB1".', 'database-not-mounted'],
  ['The certificate is expired.', 'certificate-expired'],
  [
    'The certificate with thumbprint 4F1C was found but is not valid for use with Exchange Server (reason: DateInvalid).',
    'certificate-expired',
  ],
  [
    'The certificate with thumbprint 4F1C was found but is not valid for use with Exchange Server (reason: PrivateKeyMissing).',
    'unknown',
  ],
  ["Service 'MSExchangeTransport' failed to reach status 'Running' on this server.", 'service-start-failed'],
  ["The virtual directory 'PowerShell' already exists under 'EX1.contoso.com/Default Web Site'.", 'virtual-directory'],
  [
    "The operation couldn't be performed because object 'EX1\\mapi (Default Web Site)' couldn't be found on 'DC1.contoso.com'.",
    'virtual-directory',
  ],
  [
    "The operation couldn't be performed because object 'EX1' couldn't be found on 'DC1.contoso.com'.",
    'active-directory',
  ],
  [
    "Cannot convert 'System.Object[]' to the type 'Microsoft.Exchange.Configuration.Tasks.VirtualDirectoryIdParameter' required by parameter 'Identity'.",
    'virtual-directory',
  ],
  ['The specified directory service attribute or value does not exist.', 'active-directory'],
  ['UPN value provided for addition/modification is not unique forest-wide.', 'active-directory'],
  [
    'The well-known object entry B:32:C262A929D691B74A9E068728F8F842EA:CN=X on the otherWellKnownObjects attribute in the container object CN=Microsoft Exchange points to an invalid DN or a deleted object.',
    'active-directory',
  ],
  ["The group 'Exchange Servers' has the wrong group type.", 'active-directory'],
  [
    'Active Directory operation failed on DC1.contoso.com. This error is not retriable. Additional information: Access is denied. Active directory response: 00000005: SecErr: DSID-03152612, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0',
    'permissions',
  ],
  [
    "There was an error while running 'ldifde.exe' to import the schema file 'x.ldf'. The error code is: 8206.",
    'active-directory',
  ],
  [
    'Upgrade of Configuration.xml was unsuccessful, Exception calling "Upgrade" with "0" argument(s): "Access to the path is denied."',
    'access-denied',
  ],
  [
    'Installing product C:\\Program Files\\Microsoft\\Exchange Server\\V15\\bin\\Setup\\x.msi failed. This installation package could not be opened. Error code is 1619.',
    'setup-from-bin',
  ],
  [
    'Exception calling "Reverse" with "1" argument(s): "Value cannot be null. Parameter name: array"',
    'service-control-failed',
  ],
  ["Service 'MSExchangeTransport' failed to reach status 'Running' on this server.", 'service-start-failed'],
  ["Service 'MSExchangeIS' failed to reach status 'Stopped' on this server.", 'service-stop-failed'],
  ['AuthorizationManager check failed.', 'gpo-execution-policy'],
  ['The WS-Management service cannot process the request. The service has not been started.', 'services-not-started'],
  [
    '[REQUIRED] A reboot from a previous installation is pending. Please restart the system and then rerun Setup.',
    'reboot-pending',
  ],
  ['[REQUIRED] A restart from a previous installation or update is pending.', 'reboot-pending'],
  [
    "[REQUIRED] Setup can't continue with the upgrade because the w3wp (1234) has open files. Close the process, and then restart Setup.",
    'files-in-use',
  ],
  [
    "[REQUIRED] Setup can't use the domain controller 'DC1' because it belongs to Active Directory site 'X'. Setup must use a domain controller in the same site as this computer (Y).",
    'active-directory',
  ],
  ["[REQUIRED] The Distributed Transaction Coordinator (MSDTC) service isn't running.", 'services-not-started'],
  [
    "[REQUIRED] Unable to read data from the registry on 'EX2'. Make sure the Remote Registry service is running.",
    'services-not-started',
  ],
  ['[REQUIRED] The IIS URL Rewrite Module is required for Exchange Server 2019.', 'prerequisite'],
  [
    "[REQUIRED] Setup previously failed while performing the action 'Install'. You can't resume setup by performing the action 'BuildToBuildUpgrade'.",
    'prerequisite',
  ],
  [
    '[REQUIRED] The World Wide Web (W3SVC) service is either disabled or not installed on this computer.',
    'services-disabled',
  ],
  ['[REQUIRED] This computer requires .NET Framework 4.8.', 'prerequisite'],
  [
    "[REQUIRED] You must be a member of the 'Organization Management' role group or a member of the 'Enterprise Admins' group to continue.",
    'permissions',
  ],
  [
    '[REQUIRED] The local domain needs to be prepared using Setup /PrepareDomain before server roles can be installed.',
    'active-directory',
  ],
  ['[REQUIRED] Not enough free space on drive C:. There is not enough disk space.', 'disk-full'],
  [
    '[REQUIRED] Setup encountered a problem while validating the state of Active Directory: Active Directory server  is not available. Error message: The supplied credential is invalid.',
    'active-directory',
  ],
  ['The Exchange Server is in an inconsistent state. Only disaster recovery mode is available.', 'active-directory'],
  ['Process execution failed with exit code 2.', 'unknown'],
  ['Database is mandatory on UserMailbox. Property Name: Database', 'active-directory'],
  [
    "The term 'Stop-SetupService' is not recognized as the name of a cmdlet, function, script file, or operable program.",
    'setup-snap-in',
  ],
  [
    'Couldn\'t resolve the user or group "contoso.com/Microsoft Exchange Security Groups/Discovery Management." If the user or group is a foreign forest principal, you must have either a two-way trust or an outgoing trust.',
    'active-directory',
  ],
  ["Could not load file or assembly 'Microsoft.Exchange.Data' or one of its dependencies.", 'unknown'],
  ['The remote procedure call failed. (Exception from HRESULT: 0x800706BE)', 'unknown'],
]

const stamp = (depth: number, text: string): string => `[11/14/2021 22:04:11.0310] [${depth}] ${text}`

function logOf(said: string): string[] {
  const error = [
    stamp(1, "Processing component 'Bridgehead Role Setter' (Configuring the server.)."),
    stamp(2, 'Beginning processing Install-Something'),
    stamp(2, `[ERROR] ${said}`),
    stamp(1, 'The following 1 error(s) occurred during task execution:'),
    stamp(1, `0.  ErrorRecord: ${said}`),
    stamp(1, `[ERROR] ${said}`),
  ]
  return [
    stamp(0, 'Starting Microsoft Exchange Server 2019 Setup'),
    ...(said.startsWith('[REQUIRED]') ? [stamp(1, said)] : error),
    stamp(0, "The Exchange Server setup operation didn't complete."),
    stamp(0, 'End of Setup'),
  ]
}
function causesOf(lines: readonly string[]) {
  const [file] = diagnose([{ path: 'ExchangeSetup.log', bytes: utf8(lines) }], { knowledge, context: {} }).files
  if (file === undefined) throw new Error('no file')
  return attemptOf(file)
}

describe('a sentence of Setup', () => {
  it.each(sentences)('%s: %s', (said, cause) => {
    const attempt = causesOf(logOf(said))
    expect(attempt).toMatchObject({ outcome: 'failed', firstFailure: { line: said.startsWith('[REQUIRED]') ? 2 : 4 } })
    expect(attempt.causes[0]?.id).toBe(cause)
  })

  const errors = sentences.filter(([said]) => !said.startsWith('[REQUIRED]'))
  const outcome = (said: string): string[] => [
    'The following error was generated when "$error.Clear();',
    '          Start-Something -Quietly',
    `        " was run: "Contoso.Tasks.TaskException: ${said}`,
    '   at Microsoft.Exchange.Configuration.Tasks.Task.ThrowError(Exception exception)".',
  ]

  it.each(errors)('is the same when only the outcome of the script was copied: %s', (said, cause) => {
    const [first = '', ...rest] = outcome(said)
    const attempt = causesOf([stamp(1, `[ERROR] ${first}`), ...rest, stamp(0, 'End of Setup')])
    expect(attempt).toMatchObject({ outcome: 'failed', firstFailure: { line: 1 } })
    expect(attempt.causes[0]?.id).toBe(cause)
  })

  it.each(errors)('is the same on the console: %s', (said, cause) => {
    const attempt = causesOf([
      'Configuring Microsoft Exchange Server',
      '    Mailbox role: Transport service                          FAILED',
      ...outcome(said),
      '',
      "The Exchange Server setup operation didn't complete. More details can be found in ExchangeSetup.log.",
    ])
    expect(attempt).toMatchObject({ outcome: 'failed', firstFailure: { line: 3 } })
    expect(attempt.causes[0]?.id).toBe(cause)
  })

  const checks = sentences.filter(([said]) => said.startsWith('[REQUIRED]'))

  it.each(checks)('is the same on the console, below the check that failed: %s', (said, cause) => {
    const attempt = causesOf([
      'Welcome to Microsoft Exchange Server 2016 Unattended Setup',
      'Performing Microsoft Exchange Server Prerequisite Check',
      '    Configuring Prerequisites                                 COMPLETED',
      '    Prerequisite Analysis                                     FAILED',
      `     ${said.replace('[REQUIRED] ', '')}`,
      '     For more information, visit: http://technet.microsoft.com/library(EXCHG.150)/ms.exch.setupreadiness.aspx',
      '',
      "The Exchange Server setup operation didn't complete. More details can be found in ExchangeSetup.log.",
    ])
    expect(attempt).toMatchObject({ outcome: 'failed', firstFailure: { line: 4 } })
    expect(attempt.causes[0]?.id).toBe(cause)
  })

  it('is a success on the console too', () => {
    const lines = [
      'Welcome to Microsoft Exchange Server 2016 Unattended Setup',
      '    Prerequisite Analysis                                     COMPLETED',
      '    Mailbox role: Transport service                           COMPLETED',
      'The Exchange Server setup operation completed successfully.',
    ]
    expect(causesOf(lines)).toMatchObject({ outcome: 'succeeded', causes: [] })
  })

  it('is cut between two words where it is too long for a title', () => {
    const said = `Setup encountered a problem while validating the state of Active Directory: ${'objects are missing '.repeat(20)}`
    expect(causesOf(logOf(said)).causes[0]?.title).toMatch(
      /^Active Directory: Setup .{100,160} (?:objects|are|missing) \.\.\.$/,
    )
  })

  it.each(sentences)('is nothing when it is only a warning, or in the text of a script: %s', said => {
    const words = said.replace('[REQUIRED] ', '')
    const lines = [
      stamp(0, 'Starting Microsoft Exchange Server 2019 Setup'),
      stamp(0, `[WARNING] ${words}`),
      stamp(1, 'Executing:'),
      `          Write-ExchangeSetupLog -Error "${words}"`,
      stamp(0, 'The Exchange Server setup operation completed successfully.'),
      stamp(0, 'End of Setup'),
    ]
    expect(causesOf(lines)).toMatchObject({ outcome: 'succeeded', causes: [] })
  })
})
