import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/events/event.js'
import { applyRollup, differences, exroll, type LabProcess, labUp, root, run } from './exroll.js'

let lab: LabProcess | undefined
afterEach(async () => {
  await lab?.end()
  lab = undefined
})

const packageName = 'Exchange2007-KB952580-x64-EN.msp'
const share = `\\\\fs01\\updates\\${packageName}`
const fromShare = ['--set', `update.share='${share}'`]
const shared = ['--share', `\\\\fs01\\updates=${join(root, 'updates')}`]
const fleet = ['--servers', '2', '--seed', '7', '--install-seconds', '60']
/** Whoever uploads meets it and has to say so. */
const damaging = ['--fault', 'corrupt-transfer']

const ended = (events: RunEvent[]) =>
  events.flatMap(event => (event.type === 'step.finished' && event.step === 'stage' ? [event] : []))
const notes = (events: RunEvent[]) => events.flatMap(event => (event.type === 'step.progress' ? [event.note] : []))

describe('a run whose servers copy the package from a share', () => {
  it('patches each once and sends no package', async () => {
    lab = await labUp([...fleet, ...shared, ...damaging, '--time-scale', '600'])
    const before = await lab.state()
    const result = await run(lab, fromShare)
    expect(result.exitCode, result.stderr).toBe(0)
    expect(ended(result.events).map(({ outcome }) => outcome)).toEqual(['changed', 'changed'])
    expect(notes(result.events).filter(note => note?.includes('damaged'))).toEqual([])
    const after = await lab.state()
    for (const name of Object.keys(after.servers)) {
      expect(differences(before, after, name)).toEqual([])
      expect(after.servers[name]).toMatchObject({ build: '8.1.311.3', installsStarted: 1 })
    }
  })

  it('has it copied by the account that installs run as', async () => {
    lab = await labUp([...fleet, ...shared, '--time-scale', '600'])
    const result = await run(lab, [...fromShare, '--set', 'install.run_as=job'])
    expect(result.exitCode, result.stderr).toBe(0)
    expect(ended(result.events).map(({ outcome }) => outcome)).toEqual(['changed', 'changed'])
  })

  it('fails at the first server that cannot read it, with the account and the reason, and changes nothing', async () => {
    lab = await labUp([...fleet, '--time-scale', '600'])
    const before = await lab.state()
    const result = await run(lab, fromShare)
    expect(result.exitCode).toBe(2)
    const [failed] = ended(result.events)
    expect(failed).toMatchObject({ outcome: 'failed', error: { code: 'SHARE_UNREADABLE' } })
    expect(failed?.error?.message).toMatch(
      /^EXLAB\\EX-\w+-01\$ cannot read \\\\fs01\\updates\\.*no computer of that name answers/,
    )
    expect(failed?.error?.hint).toContain('leave update.share out')
    const after = await lab.state()
    for (const [name, server] of Object.entries(after.servers)) {
      const { digest: _, writes: __, ...was } = before.servers[name] ?? server
      expect(server).toMatchObject(was)
    }
  })

  it('stops at a file that is not the one the playbook names', async () => {
    const other = mkdtempSync(join(tmpdir(), 'exroll-share-'))
    try {
      writeFileSync(join(other, packageName), 'another file')
      lab = await labUp([...fleet, '--time-scale', '600', '--share', `\\\\fs01\\updates=${other}`])
      const result = await run(lab, fromShare)
      expect(result.exitCode).toBe(2)
      expect(ended(result.events)[0]).toMatchObject({ outcome: 'failed', error: { code: 'PACKAGE_DAMAGED' } })
    } finally {
      rmSync(other, { recursive: true, force: true })
    }
  })

  it('is foretold without being tried', async () => {
    lab = await labUp([...fleet, '--time-scale', '600'])
    const before = await lab.state()
    const dry = exroll(['run', applyRollup, '-i', lab.inventory, '--dry-run', '--ui', 'plain', ...fromShare])
    const { stdout, exitCode, stderr } = await dry.ended
    expect(exitCode, stderr).toBe(0)
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /the server copies \d+ bytes from \\\\fs01\\updates\\Exchange2007-KB952580-x64-EN\.msp as the computer's own account/,
    )
    expect(await lab.state()).toEqual(before)
  })
})
