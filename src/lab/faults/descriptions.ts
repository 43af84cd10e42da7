import type { FaultName } from '../model.js'

/** What each fault is, for `exroll lab up --help`; what a run comes to follows from it. */
export const faultDescriptions: Readonly<Record<FaultName, string>> = {
  'wrong-architecture': 'Exchange is x86, the package x64',
  'interim-update': 'an interim update is installed',
  superseded: 'a newer rollup is installed',
  'crl-unreachable': 'no way to the CRL: installs hang with checking on',
  'execution-policy': 'LocalMachine is Restricted: no script runs',
  'gpo-execution-policy': 'a Group Policy sets AllSigned',
  'not-elevated': 'the logon gets a filtered token',
  'missing-cached-patch': 'a registered .msp is gone from the Installer folder',
  'missing-cached-package': 'the .msi of Exchange is gone from the Installer folder',
  corruption: 'the registration of product and patches is damaged',
  'services-not-started': 'services time out at their first start (KB944752)',
  'services-disabled': 'the installer leaves services disabled',
  'poisoned-service-state': 'a broken patch left services disabled',
  'owa-broken': 'a cas: msiexec ends with 0, OWA is not updated',
  'service-stop-failed': 'one service cannot be stopped',
  'reboot-required': 'a file is in use: msiexec ends with 3010',
  'reboot-mid-install': 'restarts by itself half way',
  'installer-busy': 'another installation runs: 1618 for a while',
  'disk-full': 'too little space',
  'old-powershell': 'PowerShell 1.0 only',
  stall: 'the log stops growing for ever',
  'connection-drop': 'every connection is cut three times during the install',
  unreachable: 'refuses connections',
  'auth-failure': 'the password is wrong',
  'host-key-changed': 'has another host key than the inventory says',
  'corrupt-transfer': 'the first upload arrives damaged',
  slow: '300 ms a round trip, 1 MB/s',
  'restore-refused': 'does not let CRL checking be turned on again',
}

/** One line a fault, in the order of the list. */
export function faultHelp(): string {
  const width = Math.max(...Object.keys(faultDescriptions).map(name => name.length))
  return Object.entries(faultDescriptions)
    .map(([name, text]) => `  ${name.padEnd(width)}  ${text}`)
    .join('\n')
}
