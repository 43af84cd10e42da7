import { NtlmError } from './ntlm-error.js'

/** Ids of the AV_PAIRs in a challenge's target information (MS-NLMP 2.2.2.1). */
export const avIds = {
  end: 0,
  computerName: 1,
  domainName: 2,
  dnsComputerName: 3,
  dnsDomainName: 4,
  dnsTreeName: 5,
  flags: 6,
  timestamp: 7,
  targetName: 9,
  channelBindings: 10,
} as const

/** In `flags`: the AUTHENTICATE_MESSAGE has a MIC. */
export const micPresent = 0x00000002

export interface AvPair {
  id: number
  value: Buffer
}

/** Reads a list that ends with `MsvAvEOL`. Throws `NtlmError` when it is cut. */
export function readAvPairs(bytes: Buffer): AvPair[] {
  const pairs: AvPair[] = []
  for (let at = 0; ; ) {
    if (at + 4 > bytes.length) throw new NtlmError('the target information has no end')
    const id = bytes.readUInt16LE(at)
    const length = bytes.readUInt16LE(at + 2)
    if (id === avIds.end) return pairs
    if (at + 4 + length > bytes.length) throw new NtlmError('the target information is cut')
    pairs.push({ id, value: bytes.subarray(at + 4, at + 4 + length) })
    at += 4 + length
  }
}

export function writeAvPairs(pairs: readonly AvPair[]): Buffer {
  const parts = [...pairs, { id: avIds.end, value: Buffer.alloc(0) }].flatMap(({ id, value }) => {
    const head = Buffer.alloc(4)
    head.writeUInt16LE(id, 0)
    head.writeUInt16LE(value.length, 2)
    return [head, value]
  })
  return Buffer.concat(parts)
}

/** The list with `id` set, in the place it had or at the end. */
export function withAvPair(pairs: readonly AvPair[], id: number, value: Buffer): AvPair[] {
  const known = pairs.some(pair => pair.id === id)
  return known ? pairs.map(pair => (pair.id === id ? { id, value } : pair)) : [...pairs, { id, value }]
}

export function avValue(pairs: readonly AvPair[], id: number): Buffer | undefined {
  return pairs.find(pair => pair.id === id)?.value
}

/** MsvAvFlags; none are set where the pair is not there or too short. */
export function avFlags(pairs: readonly AvPair[]): number {
  const value = avValue(pairs, avIds.flags)
  return value === undefined || value.length < 4 ? 0 : value.readUInt32LE(0)
}
