import type { Attributes, SFTPWrapper } from 'ssh2'
import ssh2 from 'ssh2'
import type { Host } from '../model.js'
import { unlessFull } from '../world/file-system.js'
import { type OpenFile, openForReading, openForWriting } from './open-file.js'
import { fromSftpPath, parentFolder, toSftpPath } from './windows-path.js'

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp

interface FolderEntry {
  filename: string
  longname: string
  attrs: Attributes
}

interface OpenFolder {
  entries: FolderEntry[]
  at: number
}

/** How many entries one answer to READDIR holds, as OpenSSH's sftp-server sends them. */
const entriesAnAnswer = 100

/** An answer other than success: an SFTP status code and words for a person. */
class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * Serves version 3 of the SSH file transfer protocol (draft-ietf-secsh-filexfer-02) on `sftp` from the server's files.
 * An upload is put into the file system whole when the client closes it, and as far as it came when the connection is
 * lost, so that a cut transfer leaves a short file as it does on a real server.
 */
export function serveSftp(sftp: SFTPWrapper, host: Host): void {
  const { files } = host
  const openFiles = new Map<number, OpenFile>()
  const openFolders = new Map<number, OpenFolder>()
  let lastHandle = 0

  const answer = (request: number, act: () => void): void => {
    try {
      act()
    } catch (error) {
      const status = error instanceof Refusal ? error.status : statusOf(error)
      sftp.status(request, status, error instanceof Error ? error.message : String(error))
    }
  }
  const acknowledge = (request: number, act: () => void): void =>
    answer(request, () => {
      act()
      sftp.status(request, STATUS_CODE.OK)
    })
  const newHandle = (): { id: number; bytes: Buffer } => {
    lastHandle += 1
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(lastHandle)
    return { id: lastHandle, bytes }
  }
  const idOf = (handle: Buffer): number => (handle.length === 4 ? handle.readUInt32BE() : -1)
  const fileOf = (handle: Buffer): OpenFile => {
    const file = openFiles.get(idOf(handle))
    if (file === undefined) throw new Refusal(STATUS_CODE.FAILURE, 'no such open file')
    return file
  }
  const pathOf = (written: string): string => {
    const path = fromSftpPath(written)
    if (path === undefined) throw new Refusal(STATUS_CODE.PERMISSION_DENIED, 'the list of drives is not a folder')
    return path
  }
  const existing = (path: string): { folder: boolean; bytes: number; modified: Date } => {
    const found = files.stat(path)
    if (found === undefined) throw new Refusal(STATUS_CODE.NO_SUCH_FILE, `${path}: no such file or folder`)
    return found
  }
  const needFolder = (path: string): void => {
    if (!existing(path).folder) throw new Refusal(STATUS_CODE.FAILURE, `${path} is a file`)
  }

  const open = (path: string, flags: number): OpenFile => {
    const found = files.stat(path)
    if (found?.folder) throw new Refusal(STATUS_CODE.FAILURE, `${path} is a folder`)
    if ((flags & (OPEN_MODE.WRITE | OPEN_MODE.APPEND)) === 0) {
      existing(path)
      return openForReading(host, path)
    }
    if (found === undefined && (flags & OPEN_MODE.CREAT) === 0) existing(path)
    if (found !== undefined && (flags & OPEN_MODE.EXCL) !== 0) {
      throw new Refusal(STATUS_CODE.FAILURE, `${path} exists`)
    }
    needFolder(parentFolder(path))
    const empty = found === undefined || (flags & OPEN_MODE.TRUNC) !== 0
    if (empty) files.write(path, new Uint8Array(0))
    const start = empty ? new Uint8Array(0) : files.read(path)
    return openForWriting(host, path, start, (flags & OPEN_MODE.APPEND) !== 0)
  }

  sftp.on('OPEN', (request, written, flags) =>
    answer(request, () => {
      const file = open(pathOf(written), flags)
      const handle = newHandle()
      openFiles.set(handle.id, file)
      sftp.handle(request, handle.bytes)
    }),
  )
  sftp.on('READ', (request, handle, offset, length) =>
    answer(request, () => {
      const data = fileOf(handle).read(Number(offset), length)
      if (data.length === 0) sftp.status(request, STATUS_CODE.EOF)
      else sftp.data(request, Buffer.from(data.buffer, data.byteOffset, data.byteLength))
    }),
  )
  sftp.on('WRITE', (request, handle, offset, data) =>
    acknowledge(request, () => fileOf(handle).write(Number(offset), data)),
  )
  sftp.on('CLOSE', (request, handle) =>
    acknowledge(request, () => {
      const id = idOf(handle)
      const file = openFiles.get(id)
      if (file === undefined && !openFolders.has(id)) throw new Refusal(STATUS_CODE.FAILURE, 'no such handle')
      openFiles.delete(id)
      openFolders.delete(id)
      file?.settle(true)
    }),
  )
  sftp.on('FSTAT', (request, handle) =>
    answer(request, () => {
      const file = fileOf(handle)
      const modified = files.stat(file.path)?.modified ?? new Date(0)
      sftp.attrs(request, attributes({ folder: false, bytes: file.bytes, modified }))
    }),
  )
  sftp.on('FSETSTAT', (request, handle, wanted) =>
    acknowledge(request, () => {
      if (wanted.size !== undefined) fileOf(handle).truncate(Number(wanted.size))
    }),
  )
  sftp.on('SETSTAT', (request, written, wanted) =>
    acknowledge(request, () => {
      const path = pathOf(written)
      existing(path)
      if (wanted.size === undefined) return
      const file = openForWriting(host, path, files.read(path), false)
      file.truncate(Number(wanted.size))
      file.settle(false)
    }),
  )
  const stat = (request: number, written: string): void =>
    answer(request, () => {
      const path = fromSftpPath(written)
      sftp.attrs(request, attributes(path === undefined ? driveList : existing(path)))
    })
  sftp.on('STAT', stat)
  sftp.on('LSTAT', stat)
  sftp.on('OPENDIR', (request, written) =>
    answer(request, () => {
      const path = fromSftpPath(written)
      if (path !== undefined) needFolder(path)
      const handle = newHandle()
      openFolders.set(handle.id, { entries: path === undefined ? drives(host) : folderEntries(host, path), at: 0 })
      sftp.handle(request, handle.bytes)
    }),
  )
  sftp.on('READDIR', (request, handle) =>
    answer(request, () => {
      const folder = openFolders.get(idOf(handle))
      if (folder === undefined) throw new Refusal(STATUS_CODE.FAILURE, 'no such open folder')
      const entries = folder.entries.slice(folder.at, folder.at + entriesAnAnswer)
      folder.at += entries.length
      if (entries.length === 0) sftp.status(request, STATUS_CODE.EOF)
      else sftp.name(request, entries)
    }),
  )
  sftp.on('REALPATH', (request, written) =>
    answer(request, () => {
      const path = fromSftpPath(written)
      const found = path === undefined ? driveList : files.stat(path)
      const filename = toSftpPath(path)
      sftp.name(request, [
        { filename, longname: filename, attrs: found === undefined ? noAttributes : attributes(found) },
      ])
    }),
  )
  sftp.on('MKDIR', (request, written) =>
    acknowledge(request, () => {
      const path = pathOf(written)
      if (files.stat(path) !== undefined) throw new Refusal(STATUS_CODE.FAILURE, `${path} exists`)
      needFolder(parentFolder(path))
      files.makeFolder(path)
    }),
  )
  sftp.on('RMDIR', (request, written) =>
    acknowledge(request, () => {
      const path = pathOf(written)
      needFolder(path)
      if (files.list(path).length > 0) throw new Refusal(STATUS_CODE.FAILURE, `${path} is not empty`)
      files.remove(path)
    }),
  )
  sftp.on('REMOVE', (request, written) =>
    acknowledge(request, () => {
      const path = pathOf(written)
      if (existing(path).folder) throw new Refusal(STATUS_CODE.FAILURE, `${path} is a folder`)
      files.remove(path)
    }),
  )
  sftp.on('RENAME', (request, from, to) =>
    acknowledge(request, () => {
      const source = pathOf(from)
      const target = pathOf(to)
      existing(source)
      // Version 3 of the protocol: "It is an error if there already exists a file with the name specified by newpath".
      if (files.stat(target) !== undefined && target.toLowerCase() !== source.toLowerCase()) {
        throw new Refusal(STATUS_CODE.FAILURE, `${target} exists`)
      }
      needFolder(parentFolder(target))
      files.rename(source, target)
    }),
  )

  let over = false
  const finish = (): void => {
    if (over) return
    over = true
    // Nobody is left to hear that there was no room.
    for (const file of openFiles.values()) unlessFull(() => file.settle(false))
    openFiles.clear()
    openFolders.clear()
    sftp.end()
  }
  sftp.on('end', finish)
  sftp.on('close', finish)
}

const driveList = { folder: true, bytes: 0, modified: new Date(0) }
const noAttributes = { mode: 0, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 }

function attributes(found: { folder: boolean; bytes: number; modified: Date }): Attributes {
  const seconds = Math.floor(found.modified.getTime() / 1000)
  return { mode: found.folder ? 0o40755 : 0o100644, uid: 0, gid: 0, size: found.bytes, atime: seconds, mtime: seconds }
}

function folderEntries(host: Host, path: string): FolderEntry[] {
  return host.files.list(path).map(entry => folderEntry(entry.name, entry))
}

function drives(host: Host): FolderEntry[] {
  return Array.from('CDEFGHIJKLMNOPQRSTUVWXYZ')
    .map(letter => ({ letter, found: host.files.stat(`${letter}:\\`) }))
    .flatMap(({ letter, found }) => (found === undefined ? [] : [folderEntry(`${letter}:`, found)]))
}

/** The long name is what `ls -l` of OpenSSH's sftp prints as it comes. */
function folderEntry(name: string, found: { folder: boolean; bytes: number; modified: Date }): FolderEntry {
  const kind = found.folder ? 'drwxr-xr-x' : '-rw-r--r--'
  const date = found.modified.toISOString().slice(0, 16).replace('T', ' ')
  const longname = `${kind}    1 exadmin  Administrators ${String(found.bytes).padStart(12)} ${date} ${name}`
  return { filename: name, longname, attrs: attributes(found) }
}

function statusOf(error: unknown): number {
  return error instanceof Error && error.name === 'FileMissing' ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.FAILURE
}
