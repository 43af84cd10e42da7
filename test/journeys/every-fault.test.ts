import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type FaultName, faultNames } from '../../src/lab/model.js'
import { differences, labUp, type RunResult, run } from './exroll.js'

/** `mixed` puts these behind WinRM: what the way to a server could make a difference to. */
const behindWinrm = {
  'crl-unreachable': 'ex-edge-01',
  'execution-policy': 'ex-cas-02',
  'services-not-started': 'ex-edge-02',
  'services-disabled': 'ex-cas-03',
  'owa-broken': 'ex-cas-04',
  'service-stop-failed': 'ex-edge-03',
  'reboot-required': 'ex-cas-05',
  'reboot-mid-install': 'ex-edge-04',
  'installer-busy': 'ex-cas-06',
  stall: 'ex-edge-05',
  'corrupt-transfer': 'ex-cas-07',
  unreachable: 'ex-cas-08',
  'auth-failure': 'ex-cas-09',
  'host-key-changed': 'ex-cas-10',
  'restore-refused': 'ex-mbx-02b',
  'old-powershell': 'ex-mbx-04b',
} as const
const behindSsh = {
  'wrong-architecture': 'ex-mbx-01',
  'interim-update': 'ex-mbx-03',
  superseded: 'ex-hub-02',
  'gpo-execution-policy': 'ex-um-01',
  'not-elevated': 'ex-mbx-05',
  'missing-cached-patch': 'ex-mbx-07',
  'missing-cached-package': 'ex-hub-03',
  corruption: 'ex-um-02',
  'poisoned-service-state': 'ex-mbx-09',
  'disk-full': 'ex-um-03',
} as const
const dropped = ['ex-cas-01', 'ex-mbx-06b', 'ex-mbx-08b', 'ex-mbx-10b', 'ex-hub-01']
/** The lab hurries the server's clock, not the line: a lease would run out on a slow one. It has a run of its own, below. */
const ownRun: readonly FaultName[] = ['slow', 'connection-drop']

interface Fleet {
  result: RunResult
  /** Per server: outcome, cause, build, installs, and all that is not as it was before. */
  servers: Record<string, unknown>
  transports: Record<string, string>
}

async function patchFleet(transport: 'ssh' | 'mixed'): Promise<Fleet> {
  const faults = [
    ...Object.entries({ ...behindWinrm, ...behindSsh }),
    ...dropped.map(server => ['connection-drop', server] as const),
  ]
  const lab = await labUp([
    ...['--servers', '40', '--seed', '7', '--time-scale', '100', '--install-seconds', '120', '--transport', transport],
    ...faults.flatMap(([fault, server]) => ['--fault', `${fault}@${server}`]),
  ])
  try {
    const before = await lab.state()
    const all = ['--set', 'rollout.max_fail=40', '--set', 'rollout.max_fail_per_batch=100%']
    const result = await run(lab, all)
    const after = await lab.state()
    const id = result.events[0]?.run ?? ''
    const servers = Object.entries(after.servers).map(([name, { build, installsStarted }]) => {
      const changed = differences(before, after, name).map(text => text.replaceAll(id, 'RUN'))
      return [name, { outcome: result.outcomes[name], cause: result.causes[name], build, installsStarted, changed }]
    })
    const inventory = parse(readFileSync(lab.inventory, 'utf8')) as { servers: { name: string; transport?: string }[] }
    const transports = inventory.servers.map(({ name, transport: way = 'ssh' }) => [name, way])
    return { result, servers: Object.fromEntries(servers), transports: Object.fromEntries(transports) }
  } finally {
    await lab.end()
  }
}

describe('forty servers with every fault and five dropped connections', () => {
  let ssh: Fleet
  let mixed: Fleet

  beforeAll(async () => {
    ssh = await patchFleet('ssh')
    mixed = await patchFleet('mixed')
  }, 600_000)

  it('has every fault of the lab, and what matters behind WinRM', () => {
    const tried = [...Object.keys({ ...behindWinrm, ...behindSsh }), ...ownRun]
    expect(tried.sort()).toEqual([...faultNames].sort())
    const ways = [...Object.values(behindWinrm), ...dropped.slice(0, 4)].map(name => mixed.transports[name])
    expect(ways).toEqual(Array.from({ length: 20 }, () => 'winrm'))
  })

  it('comes to the same over SSH and WinRM mixed as over SSH, server by server', () => {
    expect(mixed.servers).toEqual(ssh.servers)
    expect([mixed.result.exitCode, ssh.result.exitCode]).toEqual([6, 6])
  })

  it('patches every server without a fault and with a dropped connection, once', () => {
    const faulty: string[] = Object.values({ ...behindWinrm, ...behindSsh })
    // The partner of a node that was not patched is left as it is.
    const pair = (name: string) => name.replace(/[ab]$/, '')
    const pairs = new Set(faulty.map(pair))
    const rest = Object.entries(mixed.servers).filter(([name]) => !pairs.has(pair(name)))
    expect(rest).toHaveLength(12)
    for (const [, server] of rest) {
      expect(server).toEqual({
        outcome: 'changed',
        cause: undefined,
        build: '8.1.311.3',
        installsStarted: 1,
        changed: [],
      })
    }
  })
})

describe('a server behind WinRM on a slow line', () => {
  it('is patched', async () => {
    const slow = ['--time-scale', '60', '--install-seconds', '120', '--transport', 'winrm', '--fault', 'slow@ex-mbx-01']
    const lab = await labUp(['--servers', '1', ...slow])
    try {
      const result = await run(lab)
      expect(result.outcomes).toEqual({ 'ex-mbx-01': 'changed' })
      expect(result.exitCode).toBe(0)
    } finally {
      await lab.end()
    }
  }, 240_000)
})
