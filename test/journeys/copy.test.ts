import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyRollup, exroll, type LabProcess, labUp, root } from './exroll.js'

const name = 'Exchange2007-KB952580-x64-EN.msp'

/** The package that the lab knows, made so long that its copy over a slow line takes some seconds. */
function longPackage(folder: string): string[] {
  mkdirSync(folder)
  const bytes = Buffer.concat([readFileSync(join(root, 'updates', name)), randomBytes(2 * 1024 * 1024)])
  writeFileSync(join(folder, name), bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return ['--set', `update.file=${join(folder, name)}`, '--set', `update.sha256=${sha256}`]
}

describe.for(['ssh', 'winrm'] as const)('the copy of a package over %s, of an exroll that is killed', transport => {
  let lab: LabProcess
  let runs: string[]

  beforeAll(async () => {
    lab = await labUp(['--servers', '1', '--transport', transport, '--fault', 'slow@ex-mbx-01'])
    runs = ['--runs-dir', join(lab.folder, 'runs'), '--ui', 'ndjson']
  })
  afterAll(() => lab?.end())

  /** Kills the program once it says so; all that it had said. */
  async function killedAfter(args: string[], said: RegExp): Promise<string> {
    const started = exroll([...args, ...runs])
    await started.says(said)
    started.child.kill('SIGKILL')
    return (await started.ended).stdout
  }

  const percents = (events: string) =>
    [...events.matchAll(/"step":"stage","percent":(\d+)/g)].map(([, percent]) => Number(percent))

  it('goes on where it was cut, and is not made again once it is there', async () => {
    const run = ['run', applyRollup, '-i', lab.inventory, '--yes', ...longPackage(join(lab.folder, 'update'))]
    const first = await killedAfter(run, /"step":"stage","percent":[3-9]\d,/)
    const second = await killedAfter(['resume'], /"step.finished"[^\n]*"step":"stage"/)
    expect(percents(second)[0]).toBeGreaterThanOrEqual(30)
    expect(percents(second)[0]).toBeLessThan(100)
    expect(percents(first).at(-1)).toBeLessThan(100)
    expect(percents(second).at(-1)).toBe(100)
    const third = await killedAfter(['resume'], /"step.finished"[^\n]*"step":"stage"/)
    expect(third).toMatch(/"step.finished"[^\n]*"step":"stage"[^\n]*"note":"already there"/)
    expect(percents(third)).toEqual([])
  }, 180_000)
})
