import { once } from 'node:events'
import ssh2 from 'ssh2'

/** A connection of ssh2's own client to an endpoint on loopback; rejects when there is no way in. */
export async function connectClient(port: number, password = 'right'): Promise<ssh2.Client> {
  const client = new ssh2.Client()
  client.connect({ host: '127.0.0.1', port, username: 'exadmin', password, readyTimeout: 20_000 })
  await once(client, 'ready')
  return client
}

export interface Run {
  channel: ssh2.ClientChannel
  stdout: string
  stderr: string
  /** Exit code, or null when there was none. */
  ended: Promise<number | null>
}

/** Listens in the callback itself: the exit code can come in the same packet as the answer to the request. */
export function startCommand(client: ssh2.Client, line: string): Promise<Run> {
  return new Promise((resolve, reject) => {
    client.exec(line, (error, channel) => {
      if (error) {
        reject(error)
        return
      }
      let code: number | null = null
      channel.on('exit', (found: number | null) => {
        code = found
      })
      const ended = new Promise<number | null>(done => channel.on('close', () => done(code)))
      const run: Run = { channel, stdout: '', stderr: '', ended }
      const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() }
      channel.on('data', (chunk: Buffer) => {
        run.stdout += decoders.stdout.decode(chunk, { stream: true })
      })
      channel.stderr.on('data', (chunk: Buffer) => {
        run.stderr += decoders.stderr.decode(chunk, { stream: true })
      })
      resolve(run)
    })
  })
}

export function openSftp(client: ssh2.Client): Promise<ssh2.SFTPWrapper> {
  return new Promise((resolve, reject) => client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp))))
}

export function put(sftp: ssh2.SFTPWrapper, path: string, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => sftp.writeFile(path, data, error => (error ? reject(error) : resolve())))
}

export function get(sftp: ssh2.SFTPWrapper, path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => sftp.readFile(path, (error, data) => (error ? reject(error) : resolve(data))))
}
