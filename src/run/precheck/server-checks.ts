import type { Check } from './block.js'

export const exchangeMissing: Check = ({ fact }) =>
  fact.exchange === null
    ? [
        {
          block: 'exchange-missing',
          message: `no Exchange Server is installed on ${fact.computerName}`,
          remedy: 'Take the server out of the inventory, or correct its host.',
        },
      ]
    : []

/** Article, Return Value 3 case 2: an install without a full token fails and leaves a bad state. */
export const notElevated: Check = ({ readiness }) =>
  readiness.elevated
    ? []
    : [
        {
          block: 'not-elevated',
          message: `the logon has a filtered token: ${readiness.logonNote}`,
          remedy:
            'Log on with a domain account that is in the server’s Administrators group; a local account other than the built-in Administrator gets a filtered token over the network. exroll never sets LocalAccountTokenFilterPolicy.',
        },
      ]

/** KB2810617, exchange.md section 0 fact 4: a policy set by Group Policy cannot be changed and breaks the install half way. */
export const groupPolicyExecutionPolicy: Check = ({ fact }) => {
  const { MachinePolicy, UserPolicy } = fact.settings.executionPolicy
  const set = [
    ['MachinePolicy', MachinePolicy],
    ['UserPolicy', UserPolicy],
  ].filter(([, value]) => value !== null)
  return set.map(([scope, value]) => ({
    block: 'gpo-execution-policy',
    message: `a Group Policy sets the PowerShell execution policy: ${scope} is ${value}`,
    remedy:
      'Take "Turn on Script Execution" out of the policy for this server during the install (KB2810617), run gpupdate, then run again.',
  }))
}

export const pendingReboot: Check = ({ readiness }) =>
  readiness.pendingReboot.length === 0
    ? []
    : [
        {
          block: 'pending-reboot',
          message: `a restart is pending: ${readiness.pendingReboot.join(', ')}`,
          remedy:
            'Restart the server first. PendingFileRenameOperations alone is often harmless (antivirus, printers).',
        },
      ]

/** Two runs at one server: the second is refused and the first is named (faults.md, the guard). */
export const runInProgress: Check = ({ readiness, run }) =>
  readiness.armedRun === null || readiness.armedRun === run
    ? []
    : [
        {
          block: 'run-in-progress',
          message: `run ${readiness.armedRun} has its guard armed on this server`,
          remedy: `Wait for run ${readiness.armedRun} to end; its guard restores the server and disarms by itself.`,
        },
      ]
