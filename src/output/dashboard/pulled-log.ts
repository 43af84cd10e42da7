import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { logLinesKept, type PulledLog } from './model.js'

/** Read from the end of a log: enough for the lines that are kept, at the length of Windows Installer's. */
const tailBytes = 256 * 1024

/**
 * The end of the installer's log that was pulled into a run folder, else of any log there; null when none was pulled. Logs lie as they were on the
 * server: UTF-16LE with a byte order mark, or one byte a character.
 */
export async function readPulledLog(folder: string, server: string): Promise<PulledLog | null> {
  const place = join(folder, 'servers', server)
  let names: string[]
  try {
    names = (await readdir(place)).filter(name => /\.(log|txt)$/i.test(name)).sort()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  const name = names.find(candidate => /kb\d+|msi/i.test(candidate)) ?? names[0]
  if (name === undefined) return null
  const path = join(place, name)
  const { text, firstLine } = await readTail(path)
  const lines = text.split(/\r?\n/).map((line, index) => ({ log: name, line: firstLine + index, text: line }))
  if (lines.at(-1)?.text === '') lines.pop()
  return { path, lines: lines.slice(-logLinesKept) }
}

/** Line numbers count the whole file, so the part before the tail is counted, not kept. */
async function readTail(path: string): Promise<{ text: string; firstLine: number }> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const mark = Buffer.alloc(2)
    await file.read(mark, 0, 2, 0)
    const wide = mark[0] === 0xff && mark[1] === 0xfe
    const from = size <= tailBytes ? 0 : size - tailBytes - ((size - tailBytes) % 2)
    let firstLine = 1
    if (from > 0) {
      for await (const chunk of file.createReadStream({ start: 0, end: from - 1, autoClose: false }))
        firstLine += countLineFeeds(chunk, wide)
    }
    const tail = Buffer.alloc(size - from)
    await file.read(tail, 0, tail.length, from)
    const text = tail.toString(wide ? 'utf16le' : 'latin1').replace(/^\ufeff/, '')
    if (from === 0) return { text, firstLine }
    // The first line of the tail has lost its beginning.
    return { text: text.slice(text.indexOf('\n') + 1), firstLine: firstLine + 1 }
  } finally {
    await file.close()
  }
}

/** A line feed is one byte, or 0A 00 at an even place. Chunks of a file begin at even places. */
function countLineFeeds(bytes: Buffer, wide: boolean): number {
  let count = 0
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) {
    if (!wide || (at % 2 === 0 && bytes[at + 1] === 0)) count++
  }
  return count
}
