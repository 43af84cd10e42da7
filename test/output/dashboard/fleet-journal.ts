import type { RunEvent, RunEventBody, ServerOutcome, StepName } from '../../../src/events/event.js'
import { zeroCounts } from '../../../src/events/reduce.js'

/** What goes wrong on a server of a made-up run. */
export type Trouble =
  | 'missing-cached-patch'
  | 'services-disabled'
  | 'crl-check'
  | 'unreachable'
  | 'pending-reboot'
  | 'stalled'
  | 'setting-stuck'

export interface FleetJournal {
  servers: number
  batchSize?: number
  /** By server name. */
  troubles?: Record<string, Trouble>
  /** Log lines while installing; they are in no journal, but come to a viewer that follows. */
  logLines?: number
  nameOf?: (index: number) => string
}

const begin = Date.parse('2026-11-23T21:00:00.000Z')
const account = 'S-1-5-18'
const kinds = ['mailbox', 'cas', 'hub', 'edge', 'um', 'cas', 'mailbox', 'mailbox'] as const
const short = { mailbox: 'mbx', cas: 'cas', hub: 'hub', edge: 'edge', um: 'um' } as const
const seconds: Partial<Record<StepName, number>> = {
  install: 1150,
  reboot: 180,
  services: 120,
  stage: 40,
  verify: 20,
  'maintenance-on': 70,
}

export function serverName(index: number): string {
  const kind = kinds[index % kinds.length] ?? 'mailbox'
  return `ex-${short[kind]}-${String(Math.floor(index / 3) + 1).padStart(2, '0')}${'abc'[index % 3] ?? ''}`
}

/** The events of a whole run over made-up servers, in order, with numbers and times. Same input, same events. */
export function fleetJournal({
  servers,
  batchSize = 5,
  troubles = {},
  logLines = 0,
  nameOf = serverName,
}: FleetJournal): RunEvent[] {
  const timed: { at: number; body: RunEventBody }[] = []
  const fleet = Array.from({ length: servers }, (_, index) => ({
    name: nameOf(index),
    roles: [kinds[index % kinds.length] ?? 'mailbox'],
    batch: Math.floor(index / batchSize) + 1,
  }))
  const put = (at: number, body: RunEventBody) => timed.push({ at, body })
  put(begin, {
    type: 'run.started',
    action: 'apply',
    dryRun: false,
    title: 'Exchange 2007 SP1, Update Rollup 4',
    servers: fleet,
  })
  const counts = zeroCounts()
  let clock = begin + 1000
  const batches = Math.ceil(servers / batchSize)
  for (let batch = 1; batch <= batches; batch++) {
    const members = fleet.filter(server => server.batch === batch)
    const names = members.map(({ name }) => name)
    put(clock, { type: 'batch.started', batch, servers: names })
    let end = clock
    for (const [index, { name }] of members.entries()) {
      const done = oneServer(put, { name, at: clock + index * 700, index, trouble: troubles[name], logLines })
      counts[done.outcome]++
      end = Math.max(end, done.at)
    }
    put(end + 500, { type: 'batch.finished', batch, servers: names })
    clock = end + 120_000
  }
  const bad = counts.failed + counts.blocked + counts.unreachable + counts.unknown
  put(clock, { type: 'run.finished', outcome: bad === 0 ? 'ok' : 'failed', exitCode: bad === 0 ? 0 : 2, counts })
  return timed
    .toSorted((one, other) => one.at - other.at)
    .map(({ at, body }, index) => ({
      v: 1,
      run: '20261123-2100-4f1c',
      seq: index + 1,
      at: new Date(at).toISOString(),
      ...body,
    }))
}

type Put = (at: number, body: RunEventBody) => void

function oneServer(
  put: Put,
  {
    name,
    at,
    index,
    trouble,
    logLines,
  }: { name: string; at: number; index: number; trouble: Trouble | undefined; logLines: number },
): { outcome: ServerOutcome; at: number } {
  let clock = at
  const step = (
    name_: StepName,
    rest: {
      outcome?: 'ok' | 'changed' | 'skipped' | 'failed' | 'unknown'
      note?: string
      error?: { code: string; message: string; hint?: string }
    } = {},
  ) => {
    put(clock, { type: 'step.started', server: name, step: name_, attempt: 1 })
    const ms = (seconds[name_] ?? 4) * 1000 + index * 900
    for (let percent = 5; name_ === 'install' && percent < (rest.outcome === 'failed' ? 45 : 100); percent += 5) {
      put(clock + (ms * percent) / 100, {
        type: 'step.progress',
        server: name,
        step: 'install',
        percent,
        note: `InstallFiles ${percent}%`,
      })
      for (let line = 0; line < logLines / 20; line++)
        put(clock + (ms * percent) / 100, {
          type: 'log.line',
          server: name,
          log: 'KB952580.log',
          line: percent * 40 + line,
          text: `MSI (s) (5C:A0) [21:${percent}:09:${line}]: Executing op: FileCopy(SourceName=store${line}.exe)`,
        })
    }
    clock += ms
    put(clock, {
      type: 'step.finished',
      server: name,
      step: name_,
      outcome: rest.outcome ?? 'ok',
      ms,
      ...(rest.note === undefined ? {} : { note: rest.note }),
      ...(rest.error === undefined ? {} : { error: rest.error }),
    })
  }
  const end = (outcome: ServerOutcome, cause?: string) => {
    put(clock, { type: 'server.finished', server: name, outcome, ...(cause === undefined ? {} : { cause }) })
    return { outcome, at: clock }
  }
  const services = (running: number, down: string[] = []) =>
    put(clock, { type: 'service.state', server: name, running, expected: 31, down })

  if (trouble === 'unreachable') {
    step('connect', {
      outcome: 'failed',
      error: {
        code: 'CONNECT_REFUSED',
        message: `${name} port 22: connection refused, 3 times`,
        hint: 'Is sshd running there, and does a firewall stand between?',
      },
    })
    return end('unreachable', 'CONNECT_REFUSED')
  }
  step('connect')
  step('facts', { note: 'Exchange 2007 SP1 8.1.240.6, 31 services' })
  services(31)
  if (trouble === 'pending-reboot') {
    put(clock, {
      type: 'precheck.blocked',
      server: name,
      block: 'pending-reboot',
      message: 'Windows waits for a restart since 2026-11-20: files of another update are not in place yet.',
      remedy: 'Restart the server, then exroll resume --retry-failed.',
      allowed: false,
    })
    step('precheck', { outcome: 'failed', error: { code: 'PRECHECK_BLOCKED', message: 'pending-reboot' } })
    return end('blocked', 'pending-reboot')
  }
  for (const quick of ['precheck', 'stage', 'snapshot', 'guard', 'maintenance-on'] as const) step(quick)
  const crl = { server: name, setting: 'crl' as const, scope: account, from: 146432, to: 146944 }
  const policy = {
    server: name,
    setting: 'execution-policy' as const,
    scope: 'LocalMachine',
    from: 'AllSigned',
    to: 'RemoteSigned',
  }
  put(clock, { type: 'setting.changed', ...crl })
  put(clock, { type: 'setting.changed', ...policy })
  step('settings-on', { outcome: 'changed' })
  services(9, ['MSExchangeIS', 'MSExchangeTransport', 'W3SVC'])
  if (trouble === 'stalled') {
    step('install', {
      outcome: 'unknown',
      error: {
        code: 'INSTALL_STALLED',
        message: 'The log has not grown for 25 minutes; msiexec still runs.',
        hint: 'Look at the server; the guard is armed and puts everything back when the installer ends.',
      },
    })
    return end('unknown', 'stalled')
  }
  const fails = trouble === 'missing-cached-patch' || trouble === 'crl-check'
  step(
    'install',
    fails
      ? {
          outcome: 'failed',
          error: { code: 'INSTALL_FAILED', message: 'msiexec ended with 1603', hint: 'See the diagnosis.' },
        }
      : { outcome: 'changed', note: 'exit code 0' },
  )
  put(clock, { type: 'setting.restored', ...crl, from: crl.to, to: crl.from })
  if (trouble === 'setting-stuck')
    put(clock, { type: 'setting.stuck', ...policy, from: 'RemoteSigned', to: 'AllSigned' })
  else put(clock, { type: 'setting.restored', ...policy, from: policy.to, to: policy.from })
  step(
    'settings-restore',
    trouble === 'setting-stuck'
      ? {
          outcome: 'failed',
          error: {
            code: 'SETTING_STUCK',
            message: 'execution-policy LocalMachine: access denied',
            hint: 'exroll restore -i INVENTORY',
          },
        }
      : {},
  )
  if (fails) {
    step('collect', { note: '4 logs' })
    const missing = trouble === 'missing-cached-patch'
    put(clock, {
      type: 'diagnosis.made',
      server: name,
      id: missing ? 'missing-cached-patch' : 'crl-check',
      confidence: 'certain',
      title: missing
        ? 'A cached .msp of an earlier rollup is gone from C:\\Windows\\Installer'
        : 'Generating native images waited for a certificate revocation list that cannot be reached',
      evidence: [
        {
          log: 'KB952580.log',
          line: 48211,
          text: 'SECREPAIR: Failed to open the file:C:\\Windows\\Installer\\5c321.msp for computing its hash. Error:2',
        },
        { log: 'KB952580.log', line: 48230, text: 'Action ended 21:14:22: InstallFinalize. Return value 3.' },
      ],
      remedy: missing
        ? [
            'Run exroll run playbooks/repair-cache.yaml for this server: it takes 5c321.msp from a server that has it.',
            'Then exroll resume --retry-failed.',
          ]
        : [
            'Let the server reach crl.microsoft.com, or set settings.crl_check: off-during-install.',
            'Then exroll resume --retry-failed.',
          ],
      ...(missing ? { fix: `exroll run playbooks/repair-cache.yaml -i fleet.yaml --limit ${name}` } : {}),
    })
    step('diagnose')
    return end('failed', missing ? 'missing-cached-patch' : 'crl-check')
  }
  step('reboot', { outcome: 'skipped', note: 'not needed' })
  services(trouble === 'services-disabled' ? 30 : 31, trouble === 'services-disabled' ? ['MSExchangeTransport'] : [])
  if (trouble === 'services-disabled') {
    step('services', {
      outcome: 'failed',
      error: {
        code: 'SERVICE_NOT_STARTED',
        message: 'MSExchangeTransport is Disabled and could not be set back: access denied',
        hint: 'Set its start type to Automatic, start it, then retry.',
      },
    })
    step('collect')
    return end('failed', 'services-disabled')
  }
  for (const last of ['services', 'verify', 'maintenance-off', 'collect', 'diagnose'] as const) step(last)
  if (trouble === 'setting-stuck') return end('failed', 'setting-stuck')
  return end('changed')
}

/** A run as it stood when the `part` (0 to 1) of its events had come. */
export function upTo(events: readonly RunEvent[], part: number): RunEvent[] {
  return events.slice(0, Math.max(1, Math.floor(events.length * part)))
}
