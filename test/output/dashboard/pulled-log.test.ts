import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { logLinesKept } from '../../../src/output/dashboard/model.js'
import { readPulledLog } from '../../../src/output/dashboard/pulled-log.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-pulled-'))
  mkdirSync(join(folder, 'servers', 'ex-mbx-01'), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const put = (name: string, bytes: Buffer) => writeFileSync(join(folder, 'servers', 'ex-mbx-01', name), bytes)
const lines = (count: number) =>
  Array.from({ length: count }, (_, index) => `MSI (s) line ${index + 1} \u010a\u0a0d`).join('\r\n')

describe('readPulledLog', () => {
  it('is null for a server of which no log was pulled', async () => {
    expect(await readPulledLog(folder, 'ex-cas-01')).toBeNull()
    expect(await readPulledLog(folder, 'ex-mbx-01')).toBeNull()
  })

  it('prefers the log of the installer', async () => {
    put('ServiceControl.log', Buffer.from('stopping\r\n'))
    put('KB952580.log', Buffer.from('installing\r\n'))
    const log = await readPulledLog(folder, 'ex-mbx-01')
    expect(log?.path.endsWith('KB952580.log')).toBe(true)
    expect(log?.lines).toEqual([{ log: 'KB952580.log', line: 1, text: 'installing' }])
  })

  it.each([10, 20_000])('reads the end of a UTF-16 log of %i lines, with the line numbers of the file', async count => {
    put('952580-msi.log', Buffer.from(`\ufeff${lines(count)}`, 'utf16le'))
    const log = await readPulledLog(folder, 'ex-mbx-01')
    expect(log?.lines.length).toBe(Math.min(count, logLinesKept))
    for (const { line, text } of log?.lines ?? []) expect(text).toBe(`MSI (s) line ${line} \u010a\u0a0d`)
    expect(log?.lines.at(-1)?.line).toBe(count)
  })

  it('reads the end of a log of one byte a character', async () => {
    put('msi.log', Buffer.from(Array.from({ length: 30_000 }, (_, index) => `line ${index + 1}`).join('\n')))
    const log = await readPulledLog(folder, 'ex-mbx-01')
    expect(log?.lines.at(-1)).toEqual({ log: 'msi.log', line: 30_000, text: 'line 30000' })
    expect(log?.lines[0]?.text).toBe(`line ${log?.lines[0]?.line}`)
  })
})
