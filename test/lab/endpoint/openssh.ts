import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** True where OpenSSH's client programs are installed. */
export const hasOpenSsh =
  spawnSync('ssh', ['-V']).status === 0 && !('error' in spawnSync('sftp', ['-V'])) && process.platform !== 'win32'

export interface Ended {
  code: number | null
  stdout: Buffer
  stderr: string
}

/** OpenSSH's own client, logging on as the lab's account with the password from an askpass program. */
export class OpenSsh {
  readonly folder = mkdtempSync(join(tmpdir(), 'exroll-openssh-'))
  readonly #options: string[]
  readonly #env: NodeJS.ProcessEnv

  constructor(port: number, password: string) {
    const askpass = join(this.folder, 'askpass')
    writeFileSync(askpass, '#!/bin/sh\nprintf "%s\\n" "$EXROLL_TEST_PASSWORD"\n')
    chmodSync(askpass, 0o700)
    this.#env = {
      ...process.env,
      SSH_ASKPASS: askpass,
      SSH_ASKPASS_REQUIRE: 'force',
      DISPLAY: ':0',
      EXROLL_TEST_PASSWORD: password,
    }
    this.#options = [
      ...['-F', 'none', '-P', String(port), '-o', `Port=${port}`, '-o', 'User=exadmin'],
      ...['-o', `UserKnownHostsFile=${join(this.folder, 'known_hosts')}`, '-o', 'GlobalKnownHostsFile=/dev/null'],
      ...['-o', 'StrictHostKeyChecking=accept-new', '-o', 'NumberOfPasswordPrompts=1'],
      ...['-o', 'PreferredAuthentications=password', '-o', 'PubkeyAuthentication=no'],
    ]
  }

  ssh(line: string[], stdin: Uint8Array | string = ''): Promise<Ended> {
    const options = this.#options.filter((word, index, all) => word !== '-P' && all[index - 1] !== '-P')
    return this.#start('ssh', [...options, '127.0.0.1', ...line], stdin)
  }

  sftp(batch: string[]): Promise<Ended> {
    return this.#start(
      'sftp',
      ['-o', 'BatchMode=no', '-b', '-', ...this.#options, '127.0.0.1'],
      `${batch.join('\n')}\n`,
    )
  }

  file(name: string): string {
    return join(this.folder, name)
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #start(program: string, words: string[], stdin: Uint8Array | string): Promise<Ended> {
    return new Promise(resolve => {
      const options = { env: this.#env, encoding: 'buffer', maxBuffer: 64 * 1024 * 1024, timeout: 50_000 } as const
      const child = execFile(program, words, options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null
        resolve({ code, stdout, stderr: stderr.toString('utf8') })
      })
      child.stdin?.on('error', () => {})
      child.stdin?.end(stdin)
    })
  }
}
