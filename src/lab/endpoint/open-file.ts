import type { Host } from '../model.js'

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
  let room = new Uint8Array(Math.max(start.length, 64 * 1024))
  room.set(start)
  let used = start.length
  let changed = false
  const grow = (bytes: number): void => {
    if (bytes <= room.length) return
    const larger = new Uint8Array(Math.max(bytes, room.length * 2))
    larger.set(room.subarray(0, used))
    room = larger
  }
  return {
    path,
    get bytes() {
      return used
    },
    read(offset, length) {
      return room.subarray(offset, Math.min(used, offset + length))
    },
    write(offset, data) {
      const at = appends ? used : offset
      grow(at + data.length)
      room.set(data, at)
      used = Math.max(used, at + data.length)
      changed = true
    },
    truncate(bytes) {
      grow(bytes)
      if (bytes < used) room.fill(0, bytes, used)
      used = bytes
      changed = true
    },
    settle(whole) {
      if (!changed) return
      changed = false
      const bytes = room.slice(0, used)
      if (whole && used > 0 && host.network.takeDamage()) {
        const middle = used >> 1
        bytes[middle] = (bytes[middle] ?? 0) ^ 0x01
      }
      host.files.write(path, bytes)
    },
  }
}
