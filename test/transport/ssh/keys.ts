import ssh2 from 'ssh2'
import { fingerprint } from '../../../src/transport/ssh/host-key.js'

export interface TestKey {
  private: string
  /** SSH wire format. */
  blob: Buffer
  fingerprint: string
}

export function testKey(type: 'ed25519' | 'rsa' | 'ecdsa'): TestKey {
  const pair =
    type === 'rsa'
      ? ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 })
      : type === 'ecdsa'
        ? ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
        : ssh2.utils.generateKeyPairSync('ed25519')
  const blob = Buffer.from(pair.public.split(' ')[1] ?? '', 'base64')
  return { private: pair.private, blob, fingerprint: fingerprint(blob) }
}
