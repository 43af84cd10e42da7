import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ZipFile } from 'yazl'
import { findLogs } from '../../src/commands/log-files.js'
import { ToolError } from '../../src/errors.js'

describe('the logs that a command line names', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'exroll-logs-'))
    mkdirSync(join(folder, 'ex-mbx-01'))
    writeFileSync(join(folder, 'ex-mbx-01', 'ServiceControl.log'), 'control')
    writeFileSync(join(folder, 'ex-mbx-01', '952580.log'), 'installer')
    writeFileSync(join(folder, 'ex-mbx-01', 'note.docx'), 'no log')
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  async function find(...paths: string[]): Promise<{ path: string; text: string }[]> {
    const sources = await findLogs(paths, {
      stdin: Readable.from([Buffer.from('from a pi'), Buffer.from('pe')]),
      cwd: folder,
    })
    return Promise.all(sources.map(async ({ path, bytes }) => ({ path, text: await textOf(bytes()) })))
  }

  async function textOf(bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<string> {
    let text = ''
    for await (const piece of bytes) text += Buffer.from(piece).toString('latin1')
    return text
  }

  async function zip(name: string, files: Record<string, string>): Promise<void> {
    const archive = new ZipFile()
    for (const [path, text] of Object.entries(files)) archive.addBuffer(Buffer.from(text), path)
    archive.end()
    writeFileSync(join(folder, name), await buffer(archive.outputStream))
  }

  async function refusal(...paths: string[]): Promise<{ code: string; message: string }> {
    const error = await find(...paths).catch((thrown: unknown) => thrown)
    if (!(error instanceof ToolError)) throw new Error('nothing was refused')
    return { code: error.code, message: error.message }
  }

  it('come out of a .zip by the names they have there, in order, and nothing else does', async () => {
    await zip('case.zip', {
      'b/952580.log': 'two',
      'a/ServiceControl.LOG': 'one',
      'a/picture.png': 'x',
      'b/events.xml': 'three',
    })
    expect(await find('case.zip')).toEqual([
      { path: 'case.zip/a/ServiceControl.LOG', text: 'one' },
      { path: 'case.zip/b/952580.log', text: 'two' },
      { path: 'case.zip/b/events.xml', text: 'three' },
    ])
  })

  it('come from standard input', async () => {
    expect(await find('-')).toEqual([{ path: 'standard input', text: 'from a pipe' }])
  })

  it('match a pattern that the shell left alone, each once, however often it is named', async () => {
    const files = await find(join('*', '*.log'), 'ex-mbx-01', join('ex-mbx-01', '952580.log'))
    expect(files.map(({ path }) => path)).toEqual([
      join('ex-mbx-01', '952580.log'),
      join('ex-mbx-01', 'ServiceControl.log'),
    ])
  })

  it('may have a name that looks like a pattern', async () => {
    writeFileSync(join(folder, 'log[1].log'), 'odd')
    expect(await find('log[1].log')).toEqual([{ path: 'log[1].log', text: 'odd' }])
  })

  it('are refused when the .zip is none, is empty of logs, or is damaged', async () => {
    writeFileSync(join(folder, 'none.zip'), 'PK but no more')
    await zip('pictures.zip', { 'a.png': 'x' })
    const { code, message } = await refusal('none.zip', 'pictures.zip', 'nope*.log')
    expect(code).toBe('LOG_UNREADABLE')
    expect(message).toContain('none.zip: it is no .zip file')
    expect(message).toContain('pictures.zip: no log is in it')
    expect(message).toContain('nope*.log: there is no such file')
  })

  it('are not made up: what is missing is missing', async () => {
    expect(await refusal('nope.log', 'no/such/folder')).toMatchObject({ code: 'LOG_MISSING' })
  })
})
