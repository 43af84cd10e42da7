import { describeBuild } from '../products/builds.js'
import type { Readiness, ServerFact } from '../scripts/catalog.js'

/** One server's facts, line by line: what an administrator looks at before a window. Pure; not made safe for a terminal. */
export function factLines(name: string, fact: ServerFact, readiness: Readiness): string[] {
  const { exchange, updates, services, settings, cluster } = fact
  const running = services.filter(({ state }) => state === 'Running')
  const idle = services.filter(({ startType, state }) => startType.startsWith('Automatic') && state !== 'Running')
  const disabled = services.filter(({ name: service, startType }) => startType === 'Disabled' && ours(service))
  const rows: [string, string][] = [
    [
      'Exchange',
      exchange === null
        ? 'not installed'
        : `${exchange.generation} ${describeBuild(exchange.build)}, ${exchange.architecture}, ${exchange.roles.join(' ')}`,
    ],
    [
      'updates',
      updates.map(({ displayName, interim }) => `${displayName}${interim ? ' (interim)' : ''}`).join('\n') || 'none',
    ],
    [
      'Windows',
      `${fact.osVersion}, PowerShell ${fact.powershellVersion}, ${readiness.elevated ? 'full token' : readiness.logonNote}`,
    ],
    ['services', `${running.length} of ${services.length} running`],
    ...list(
      'Automatic but stopped',
      idle.map(one => one.name),
    ),
    ...list(
      'Disabled',
      disabled.map(one => one.name),
    ),
    ['CRL checking', crlText(settings.crl)],
    ['execution policy', policyText(settings.executionPolicy)],
    ['installer logging', settings.installerLogging === null ? 'absent' : JSON.stringify(settings.installerLogging)],
    [
      'installer cache',
      readiness.missingCache.map(({ path, code }) => `${path} is missing (${code})`).join('\n') || 'complete',
    ],
    ['pending restart', readiness.pendingReboot.join(', ') || 'no'],
    [
      'way to the CRL',
      `${readiness.crl.reachable === null ? 'not known' : readiness.crl.reachable ? 'yes' : 'no'}; ${readiness.crl.detail}`,
    ],
    ['free', `${Math.floor(readiness.freeBytes / 1024 ** 2)} MB`],
    ...list('left by an unfinished patch', readiness.leftoverState),
    ...(cluster === null ? [] : [['cluster', `${cluster.name}, active on ${cluster.activeNode}`] as [string, string]]),
    ...(readiness.armedRun === null ? [] : [['guard', `armed by run ${readiness.armedRun}`] as [string, string]]),
  ]
  return [`${name}:`, ...rows.flatMap(([label, text]) => block(label, text))]
}

function list(label: string, names: string[]): [string, string][] {
  return names.length === 0 ? [] : [[label, names.join(', ')]]
}

function block(label: string, text: string): string[] {
  const [first = '', ...more] = text.split('\n')
  return [`  ${label}: ${first}`, ...more.map(line => `  ${' '.repeat(label.length)}  ${line}`)]
}

/** Exchange's own and what its installer disables besides; the rest of Windows is nobody's concern here. */
function ours(name: string): boolean {
  return /^(MSExchange|MSS|W3SVC$|IISADMIN$|Winmgmt$|RemoteRegistry$)/i.test(name)
}

/** WTPF_IGNOREREVOKATION, 0x200, turns it off (exchange.md 3.1). */
function crlText(crl: Record<string, number | null>): string {
  return Object.entries(crl)
    .map(([sid, value]) => {
      if (value === null) return `on (absent) for ${sid}`
      return `${(value & 0x200) === 0 ? 'on' : 'OFF'} (0x${value.toString(16)}) for ${sid}`
    })
    .join('\n')
}

function policyText(policy: ServerFact['settings']['executionPolicy']): string {
  const set = Object.entries(policy).filter(([, value]) => value !== null)
  return set.map(([scope, value]) => `${scope} ${value}`).join(', ') || 'undefined in every scope'
}
