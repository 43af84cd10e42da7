import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Way } from '../../src/doctor/hop.js'
import { lookAtMachine } from '../../src/doctor/machine.js'
import { hopLines } from '../../src/doctor/report-text.js'
import { errorInfo } from '../../src/errors.js'

const here = {
  runs: join(tmpdir(), 'no', 'such', 'folder'),
  env: { PATH: '' },
  nodeVersion: '22.4.0',
  needsNode: '20.19',
}

async function look(changes: Partial<typeof here> = {}): Promise<Way> {
  const way = new Way(() => 0, errorInfo)
  await lookAtMachine(way, { ...here, ...changes })
  return way
}

describe('doctor on this machine', () => {
  it('finds what exroll needs', async () => {
    const { hops, broken } = await look()
    expect(broken).toBe(false)
    expect(hops.map(({ hop }) => hop)).toEqual([
      'node',
      'scripts',
      'runs',
      'ntlm',
      'kerberos',
      'known-hosts',
      'ssh-agent',
      'powershell',
    ])
  })

  it.for(['18.20.0', '20.18.9'])('says that Node %s is too old, and looks no further', async nodeVersion => {
    const { hops } = await look({ nodeVersion })
    expect(hops[0]).toMatchObject({ outcome: 'failed', code: 'NODE_OLD', fix: expect.any(String) })
    expect(new Set(hops.slice(1).map(({ outcome }) => outcome))).toEqual(new Set(['skipped']))
  })

  it.for(['20.19.0', '21.0.0', '24.1.0'])('takes Node %s', async nodeVersion => {
    expect((await look({ nodeVersion })).broken).toBe(false)
  })
})

describe('hops as lines', () => {
  it('have the fix under what is wrong', () => {
    const lines = hopLines([
      { hop: 'name', outcome: 'ok', ms: 1, found: 'found' },
      { hop: 'port', outcome: 'failed', ms: 20, found: 'refused', code: 'CONNECT_FAILED', fix: 'start it' },
      { hop: 'logon', outcome: 'skipped', ms: 0, found: 'not looked at' },
    ])
    expect(lines).toEqual([
      '  ok     name      1 ms  found',
      '  FAILED port     20 ms  refused [CONNECT_FAILED]',
      '                        -> start it',
      '  -      logon           not looked at',
    ])
  })

  it('fit a narrow terminal, and keep what is to be typed in one piece where it can be', () => {
    const fix = `Allow it on the server: winrm set winrm/config/service/auth @{Negotiate="true"}; or write winrm: { auth: kerberos }.`
    const hops = [
      { hop: 'offered', outcome: 'failed', ms: 20, found: 'ex-01 '.repeat(20).trim(), code: 'NO', fix },
    ] as const
    const lines = hopLines(hops, 60)
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(60)
    expect(lines.map(line => line.trim()).join(' ')).toContain(fix)
    expect(lines.find(line => line.includes('->'))?.indexOf('->')).toBe(9)
  })
})
