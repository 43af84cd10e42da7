import type { Session } from '../transport.js'
import { runCommand } from './command.js'
import { type Connection, createConnection } from './connection.js'
import type { Dialed } from './dial.js'
import { createSftp, type Sftp } from './sftp.js'
import { download, upload } from './transfer.js'

/** A `Session` on an authenticated connection. `where` is `host:port`, for messages. */
export function openSession(dialed: Dialed, where: string): Session {
  const sftp: Sftp = createSftp(() => connection)
  const connection: Connection = createConnection(dialed, where, sftp)
  return {
    run: (command, options = {}) => runCommand(connection, command, options),
    upload: (source, destination, options = {}) => upload(sftp, source, destination, options),
    download: (source, destination, options = {}) => download(sftp, source, destination, options),
    close: () => connection.end(),
    get closed() {
      return connection.lost
    },
  }
}
