import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeHostKey } from '../../../src/lab/endpoint/host-key.js'
import { type SshEndpoint, startSshEndpoint } from '../../../src/lab/endpoint/ssh.js'
import { MemoryHost } from './memory-host.js'
import { hasOpenSsh, OpenSsh } from './openssh.js'

// Skipped where OpenSSH's ssh and sftp are not installed: they are the independent eyes of this test.
describe.skipIf(!hasOpenSsh)("an endpoint seen through OpenSSH's own programs", () => {
  let host: MemoryHost
  let endpoint: SshEndpoint
  let client: OpenSsh

  beforeEach(async () => {
    host = new MemoryHost()
    endpoint = await startSshEndpoint({ host, hostKey: makeHostKey() })
    client = new OpenSsh(endpoint.port, 'right')
  })
  afterEach(async () => {
    client.dispose()
    await endpoint.close()
  })

  it('has the host key whose fingerprint it states', async () => {
    await client.ssh(['ver'])
    const shown = execFileSync('ssh-keygen', ['-lf', client.file('known_hosts')], { encoding: 'utf8' })
    expect(shown).toContain(endpoint.fingerprint)
  })

  it('runs a command, keeps the streams apart and hands its exit code over', async () => {
    const ended = await client.ssh(['echo to out&echo to error 1>&2&exit 77'])
    expect(ended.stdout.toString()).toBe('to out\r\n')
    expect(ended.stderr).toContain('to error')
    expect(ended.code).toBe(77)
  })

  it('passes stdin to a command byte for byte', async () => {
    const sent = randomBytes(300_000)
    const ended = await client.ssh(['findstr "^"'], sent)
    expect(Buffer.compare(ended.stdout, sent)).toBe(0)
  })

  it('lists a folder whether backslashes came single or double', async () => {
    host.files.makeFolder('C:\\Windows\\Installer')
    host.files.write('C:\\Windows\\Installer\\5c321.msp', new Uint8Array(4321))
    for (const path of ['C:\\Windows\\Installer', 'C:\\\\Windows\\\\Installer', '"C:/Windows/Installer"']) {
      const ended = await client.ssh([`dir ${path}`])
      expect(ended.stdout.toString()).toMatch(/4,321 5c321\.msp\r\n/)
    }
    expect((await client.ssh(['dir /b C:\\Windows\\Installer'])).stdout.toString()).toBe('5c321.msp\r\n')
  })

  it('asks for the password once and says no to a wrong one', async () => {
    const stranger = new OpenSsh(endpoint.port, 'wrong')
    const ended = await stranger.ssh(['ver'])
    stranger.dispose()
    expect(ended.code).toBe(255)
    expect(ended.stderr).toContain('Permission denied')
    expect(host.logons).toHaveLength(1)
  })

  it.each([
    ['nothing.bin', 0],
    ['one.bin', 1],
    ['8 MiB with spaces in its name.bin', 8 * 1024 * 1024],
  ])('takes and gives back %s (%i bytes) unchanged', async (name, bytes) => {
    const sent = randomBytes(bytes)
    writeFileSync(client.file('sent'), sent)
    const ended = await client.sftp([
      'mkdir /C:/Windows/Temp',
      `put "${client.file('sent')}" "/C:/Windows/Temp/${name}"`,
      `get "/C:/Windows/Temp/${name}" "${client.file('back')}"`,
    ])
    expect(ended.stderr).not.toMatch(/fail|denied|closed/i)
    expect(ended.code).toBe(0)
    expect(digest(host.files.read(`C:\\Windows\\Temp\\${name}`))).toBe(digest(sent))
    expect(digest(readFileSync(client.file('back')))).toBe(digest(sent))
  })

  it('lists, renames and removes over SFTP, and knows the drives', async () => {
    host.files.write('C:\\Users\\exadmin\\a b.txt', Buffer.from('x'))
    const ended = await client.sftp([
      'pwd',
      'ls -1 /',
      'rename "a b.txt" "/C:/Windows/c.txt"',
      'ls -l /C:/Windows',
      'mkdir sub',
      'rmdir sub',
      'rm /C:/Windows/c.txt',
    ])
    expect(ended.code).toBe(0)
    const shown = ended.stdout.toString()
    expect(shown).toContain('Remote working directory: /C:/Users/exadmin')
    expect(shown).toMatch(/^\/C:\s*$/m)
    expect(shown).toMatch(/^\/D:\s*$/m)
    expect(shown).toMatch(/^-rw.* 1 .*c\.txt/m)
    expect(host.files.list('C:\\Windows')).toEqual([])
    expect(host.files.list('C:\\Users\\exadmin')).toEqual([])
  })

  it('refuses what cannot be done and says so', async () => {
    host.files.write('C:\\here.txt', Buffer.from('x'))
    host.files.write('C:\\there.txt', Buffer.from('y'))
    for (const [line, words] of [
      ['get /C:/nowhere.txt', 'not found'],
      ['rename /C:/here.txt /C:/there.txt', 'Failure'],
      ['mkdir /C:/Windows', 'Failure'],
      ['rmdir /C:/Users', 'Failure'],
      [`put "${client.file('known_hosts')}" /C:/no/such/folder/x`, 'No such file'],
    ]) {
      const ended = await client.sftp([`${line}`])
      expect(ended.code).not.toBe(0)
      expect(ended.stderr).toContain(words)
    }
    expect(Buffer.from(host.files.read('C:\\there.txt')).toString()).toBe('y')
  })

  it('gives a plain logon a prompt that keeps its folder and leaves with an exit code', async () => {
    const ended = await client.ssh([], 'cd \\Windows\r\ncd\r\nhostname\r\nexit 3\r\n')
    const shown = ended.stdout.toString()
    expect(shown).toContain('C:\\Users\\exadmin>')
    expect(shown).toContain('C:\\Windows>C:\\Windows\r\n')
    expect(shown).toContain('ex-test-01\r\n')
    expect(ended.code).toBe(3)
  })

  it('echoes what is typed when a terminal was asked for', async () => {
    const ended = await client.ssh(['-tt'], 'vex\br\rexit\r')
    expect(ended.stdout.toString()).toContain('vex\b \br\r\n')
    expect(ended.stdout.toString()).toContain('Microsoft Windows [Version')
    expect(ended.code).toBe(0)
  })
})

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
