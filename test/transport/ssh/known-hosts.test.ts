import { execFileSync, spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  entriesFor,
  keyTypeOf,
  knownHostLine,
  knownHostName,
  parseKnownHosts,
} from '../../../src/transport/ssh/known-hosts.js'
import { testKey } from './keys.js'

const ed25519 = testKey('ed25519').blob
const ecdsa = testKey('ecdsa').blob
const hasKeygen = !('error' in spawnSync('ssh-keygen', ['-?']))

const line = (hosts: string, key = ed25519, marker = '') =>
  `${marker}${hosts} ${keyTypeOf(key)} ${key.toString('base64')} a comment`
const found = (text: string, host: string, port = 22) => entriesFor(parseKnownHosts(text), host, port)

describe('a known_hosts file', () => {
  it('gives every key of a host, and none of another', () => {
    const text = [line('ex-01'), line('ex-01', ecdsa), line('ex-02')].join('\n')
    expect(found(text, 'EX-01').map(({ keyType, line }) => [keyType, line])).toEqual([
      ['ssh-ed25519', 1],
      ['ecdsa-sha2-nistp256', 2],
    ])
    expect(found(text, 'ex-0')).toEqual([])
  })

  it('tells a host on another port from the same host on port 22', () => {
    const text = [line('ex-01'), line('[ex-01]:2222', ecdsa)].join('\n')
    expect(found(text, 'ex-01').map(({ line }) => line)).toEqual([1])
    expect(found(text, 'ex-01', 2222).map(({ line }) => line)).toEqual([2])
    expect(found(text, 'ex-01', 2223)).toEqual([])
  })

  it('knows lists, wildcards and negation, whichever comes first', () => {
    const text = [line('ex-??,10.0.0.*,!10.0.0.9'), line('!secret.contoso.com,*.contoso.com')].join('\n')
    expect(found(text, '10.0.0.8')).toHaveLength(1)
    expect(found(text, '10.0.0.9')).toEqual([])
    expect(found(text, 'ex-42')).toHaveLength(1)
    expect(found(text, 'mail.contoso.com')).toHaveLength(1)
    expect(found(text, 'secret.contoso.com')).toEqual([])
    expect(found(line('!ex-01'), 'ex-02')).toEqual([])
  })

  it('passes over comments, empty lines, CA lines, broken keys and a type that is not the key’s', () => {
    const text = [
      '# a comment',
      '',
      '   ',
      line('ex-01', ed25519, '@cert-authority '),
      'ex-01',
      'ex-01 ssh-ed25519',
      'ex-01 ssh-ed25519 !!!!',
      `ex-01 ssh-rsa ${ed25519.toString('base64')}`,
      'ex-01 1024 35 1234567890',
    ].join('\n')
    expect(parseKnownHosts(text)).toEqual([])
  })

  it('marks a revoked key, and takes tabs and Windows line ends', () => {
    const text = `${line('*', ed25519, '@revoked ')}\r\n${line('ex-01').replaceAll(' ', '\t')}\r\n`
    expect(found(text, 'ex-01').map(({ revoked }) => revoked)).toEqual([true, false])
  })

  it('finds a hashed name', () => {
    const salt = Buffer.from('0123456789abcdefghij')
    const hash = (name: string) =>
      `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
    const text = [line(hash('ex-01')), line(hash('[ex-02]:2222'))].join('\n')
    expect(found(text, 'ex-01')).toHaveLength(1)
    expect(found(text, 'ex-02', 2222)).toHaveLength(1)
    expect(found(text, 'ex-02')).toEqual([])
    expect(found(line('|2|a|b'), 'ex-01')).toEqual([])
    expect(found(line('|1|broken'), 'ex-01')).toEqual([])
  })

  it.skipIf(!hasKeygen)('reads what ssh-keygen -H makes of it, and agrees with ssh-keygen -F', () => {
    const folder = mkdtempSync(join(tmpdir(), 'exroll-known-hosts-'))
    try {
      const file = join(folder, 'known_hosts')
      const hosts = ['ex-01', '[ex-02]:2222', '10.0.0.1', '[10.0.0.2]:22022']
      writeFileSync(file, `${hosts.map(host => line(host)).join('\n')}\n`)
      execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'pipe' })
      const text = readFileSync(file, 'utf8')
      expect(text).not.toContain('ex-01')
      const asked: [string, number][] = [
        ['ex-01', 22],
        ['ex-02', 2222],
        ['ex-02', 22],
        ['10.0.0.1', 22],
        ['10.0.0.2', 22022],
        ['ex-03', 22],
      ]
      for (const [host, port] of asked) {
        const { status } = spawnSync('ssh-keygen', ['-F', knownHostName(host, port), '-f', file])
        expect([host, port, found(text, host, port).length]).toEqual([host, port, status === 0 ? 1 : 0])
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('finds every host by the line that is proposed for it, and by no other port', () => {
    const host = fc.string({ unit: fc.constantFrom('a', 'B', '-', '.', '1', ':'), minLength: 1, maxLength: 20 })
    const port = fc.integer({ min: 1, max: 65535 })
    fc.assert(
      fc.property(host, port, port, (name, own, other) => {
        const text = knownHostLine(name, own, ed25519)
        expect(found(text, name, own).map(({ key }) => key.equals(ed25519))).toEqual([true])
        expect(found(text, name, other)).toHaveLength(own === other ? 1 : 0)
      }),
    )
  })

  it('never throws, whatever is in it', () => {
    const words = fc.constantFrom('@revoked', '|1|', 'ex-01', 'ssh-ed25519', ed25519.toString('base64'), '\t', '!', '*')
    const text = fc.array(fc.oneof(words, fc.string()), { maxLength: 12 }).map(parts => parts.join(' '))
    fc.assert(
      fc.property(text, junk => {
        for (const entry of parseKnownHosts(junk)) expect(keyTypeOf(entry.key)).toBe(entry.keyType)
        found(junk, 'ex-01')
      }),
      { numRuns: 500 },
    )
  })
})
