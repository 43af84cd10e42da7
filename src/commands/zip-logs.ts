import { extname } from 'node:path'
import { promisify } from 'node:util'
import { type Entry, type Options, open, type ZipFile } from 'yauzl'
import { type LogSource, NotALog } from './log-source.js'

const openZip = promisify<string, Options, ZipFile>(open)

/**
 * The logs in a .zip, in the order of their names, as `case.zip/ServiceControl.log`: what lies in one folder of it is one server's.
 * Their bytes are unpacked as they are read, never as a whole. Throws `NotALog`, or what the file system says.
 */
export async function logsInZip(
  { path, own }: { path: string; own: string },
  endings: readonly string[],
): Promise<LogSource[]> {
  const entries = await entriesOf(own)
  const logs = entries.filter(({ fileName }) => endings.includes(extname(fileName).toLowerCase()))
  const locked = logs.find(entry => entry.isEncrypted())
  if (locked !== undefined) throw new NotALog(`${locked.fileName} in it is encrypted. Unpack it and name the folder.`)
  return logs
    .sort((a, b) => (a.fileName < b.fileName ? -1 : 1))
    .map(entry => ({ path: `${path}/${entry.fileName}`, bytes: () => unpacked(own, entry) }))
}

async function entriesOf(own: string): Promise<Entry[]> {
  const zip = await opened(own)
  const entries: Entry[] = []
  await new Promise<void>((done, failed) => {
    zip.on('entry', (entry: Entry) => {
      entries.push(entry)
      zip.readEntry()
    })
    zip.on('end', done)
    zip.on('error', (error: Error) =>
      failed(new NotALog(`it is damaged (${error.message}). Unpack it and name the folder.`)),
    )
    zip.readEntry()
  })
  return entries
}

async function* unpacked(own: string, entry: Entry): AsyncGenerator<Uint8Array> {
  const zip = await opened(own, false)
  try {
    const openEntry = promisify<Entry, NodeJS.ReadableStream>(zip.openReadStream.bind(zip))
    for await (const bytes of await openEntry(entry)) yield Buffer.from(bytes)
  } catch (error) {
    throw new NotALog(`${entry.fileName} in it is damaged (${error instanceof Error ? error.message : String(error)})`)
  } finally {
    zip.close()
  }
}

async function opened(own: string, autoClose = true): Promise<ZipFile> {
  try {
    return await openZip(own, { lazyEntries: true, autoClose })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) throw error
    throw new NotALog(`it is no .zip file (${error instanceof Error ? error.message : String(error)})`)
  }
}
