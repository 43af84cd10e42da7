import type { Host } from '../model.js'
import { WrittenBytes } from './written-bytes.js'

/** An SFTP handle on a file. Reads see the file as it is now; writes are gathered and put down whole at `settle`. */
export interface OpenFile {
  readonly path: string
  read(offset: number, length: number): Uint8Array
  write(offset: number, data: Uint8Array): void
  truncate(bytes: number): void
  readonly bytes: number
  /** Puts what was written into the server's file; `whole` = the client closed it, so the upload is complete. */
  settle(whole: boolean): void
}

export function openForReading(host: Host, path: string): OpenFile {
  let held = host.files.read(path)
  return {
    path,
    get bytes() {
      return host.files.stat(path)?.bytes ?? held.length
    },
    read(offset, length) {
      // A log grows under its reader: look again where the copy ends, and copy only what has grown.
      if (offset + length > held.length && (host.files.stat(path)?.bytes ?? 0) > held.length)
        held = host.files.read(path)
      return held.subarray(offset, offset + length)
    },
    write() {
      throw new Error('the file was opened for reading only')
    },
    truncate() {
      throw new Error('the file was opened for reading only')
    },
    settle() {},
  }
}

/** `start` = what the file holds when it is opened: empty after a truncation. */
export function openForWriting(host: Host, path: string, start: Uint8Array, appends: boolean): OpenFile {
  const held = new WrittenBytes()
  held.write(0, start)
  let changed = false
  return {
    path,
    get bytes() {
      return held.length
    },
    read(offset, length) {
      return held.read(offset, length)
    },
    write(offset, data) {
      held.write(appends ? held.length : offset, data)
      changed = true
    },
    truncate(bytes) {
      held.truncate(bytes)
      changed = true
    },
    settle(whole) {
      if (!changed) return
      changed = false
      const bytes = held.read(0, held.length)
      if (whole && bytes.length > 0 && host.network.takeDamage()) {
        const middle = bytes.length >> 1
        bytes[middle] = (bytes[middle] ?? 0) ^ 0x01
      }
      host.files.write(path, bytes)
    },
  }
}
