import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { markOf, type ProcessMark } from '../../../src/process-mark.js'
import { ShellRecord } from '../../../src/transport/winrm/shell-record.js'
import { type Listener, startListener, transportTo } from './listener.js'

let folder: string
let listener: Listener
let other: ChildProcess

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-shells-'))
  listener = await startListener({ maxShellsPerUser: 3 })
  other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'])
  await once(other, 'spawn')
})
afterEach(async () => {
  other.kill('SIGKILL')
  await listener.close()
  rmSync(folder, { recursive: true, force: true })
})

const recordOf = (process: ProcessMark) => new ShellRecord(folder, process)
const killOther = async () => {
  other.kill('SIGKILL')
  await once(other, 'exit')
}

/** What another exroll does before it is killed: it opens sessions, and never closes them. */
async function openSessionsOfOther(count: number): Promise<ProcessMark> {
  const mark = markOf(other.pid ?? 0)
  const record = recordOf(mark)
  for (let at = 0; at < count; at += 1) await transportTo(listener.port, {}, record).connect()
  return mark
}

describe('shells of an exroll that was killed', () => {
  it('are deleted by the next one before it opens its own, also when they were all that the quota allows', async () => {
    await openSessionsOfOther(3)
    expect(listener.service.shellCount).toBe(3)
    await killOther()
    const session = await transportTo(listener.port, {}, recordOf(markOf(process.pid))).connect()
    expect(listener.service.shellCount).toBe(1)
    expect(await session.run({ line: 'echo here' })).toMatchObject({ stdout: 'here\r\n' })
    await session.close()
    expect(readdirSync(folder)).toEqual([])
  })

  it('are let alone while it lives', async () => {
    await openSessionsOfOther(2)
    const session = await transportTo(listener.port, {}, recordOf(markOf(process.pid))).connect()
    expect(listener.service.shellCount).toBe(3)
    await session.close()
    expect(listener.service.shellCount).toBe(2)
  })

  it('are all that is deleted: those of somebody else stay', async () => {
    const foreign = await transportTo(listener.port, {}, new ShellRecord(join(folder, 'nowhere'))).connect()
    await openSessionsOfOther(1)
    await killOther()
    const session = await transportTo(listener.port, {}, recordOf(markOf(process.pid))).connect()
    expect(listener.service.shellCount).toBe(2)
    expect(await foreign.run({ line: 'echo alive' })).toMatchObject({ stdout: 'alive\r\n' })
    await Promise.all([session.close(), foreign.close()])
  })

  it('that the server has ended since are forgotten', async () => {
    await openSessionsOfOther(2)
    await killOther()
    listener.service.endAll()
    await (await transportTo(listener.port, {}, recordOf(markOf(process.pid))).connect()).close()
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('the record of open shells', () => {
  const shell = (id: string, where = 'ex-01:5985') => ({
    where,
    username: 'CONTOSO\\exadmin',
    reference: { resourceUri: 'cmd', selectors: { ShellId: id } },
  })

  it('tells of what is open on a server for an account, and of nothing else', async () => {
    const killed = recordOf(markOf(other.pid ?? 0))
    for (const one of [shell('A'), shell('B'), shell('C', 'ex-02:5985')]) killed.opened(one)
    killed.ended(shell('B'))
    const mine = recordOf(markOf(process.pid))
    expect(mine.leftBehind('ex-01:5985', 'CONTOSO\\exadmin')).toEqual([])
    await killOther()
    expect(mine.leftBehind('ex-01:5985', 'CONTOSO\\exadmin').map(left => left.reference.selectors)).toEqual([
      { ShellId: 'A' },
    ])
    expect(mine.leftBehind('ex-01:5985', 'CONTOSO\\other')).toEqual([])
  })

  it('is gone once nothing is open', () => {
    const record = recordOf(markOf(process.pid))
    record.opened(shell('A'))
    record.opened(shell('B'))
    record.ended(shell('A'))
    record.ended(shell('B'))
    expect(readdirSync(folder)).toEqual([])
    record.opened(shell('C'))
    expect(readdirSync(folder)).toHaveLength(1)
  })

  it('bears a last line that was cut, and lines of anything', async () => {
    recordOf(markOf(other.pid ?? 0)).opened(shell('A'))
    await killOther()
    const file = join(folder, readdirSync(folder)[0] ?? '')
    writeFileSync(file, `${readFileSync(file, 'utf8')}nothing\n{"opened":{"where`)
    writeFileSync(join(folder, 'shells-1-1.ndjson'), 'nothing')
    expect(recordOf(markOf(process.pid)).leftBehind('ex-01:5985', 'CONTOSO\\exadmin')).toHaveLength(1)
  })

  it('of another machine is let alone, an old one of this machine removed', async () => {
    const mark = markOf(other.pid ?? 0)
    await killOther()
    recordOf({ ...mark, pid: mark.pid + 1_000_000, host: 'another' }).opened(shell('A'))
    recordOf(mark).opened(shell('B'))
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), 0, 0)
    expect(recordOf(markOf(process.pid)).leftBehind('ex-01:5985', 'CONTOSO\\exadmin')).toEqual([])
    expect(readdirSync(folder)).toHaveLength(1)
  })

  it('that cannot be kept is no error', () => {
    const nowhere = new ShellRecord(join(folder, 'nowhere'))
    nowhere.opened(shell('A'))
    nowhere.ended(shell('A'))
    expect(nowhere.leftBehind('ex-01:5985', 'CONTOSO\\exadmin')).toEqual([])
  })
})
