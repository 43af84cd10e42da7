import { type AvPair, avIds, avValue } from './av-pairs.js'

/** Who sent a challenge, in its own words: nothing proves them. Empty where it does not say. */
export interface Challenger {
  /** `EX-MBX-01` */
  computer: string
  /** `ex-mbx-01.contoso.com` */
  dnsName: string
  /** `CONTOSO`; the computer's own name where it is in no domain. */
  domain: string
}

/** Characters of a name that are looked at: DNS has no longer ones (RFC 1035 2.3.4). */
const longestName = 255

/** Reads the names in a challenge's target information (MS-NLMP 2.2.2.1). */
export function challengerIn(pairs: readonly AvPair[]): Challenger {
  const name = (id: number): string => (avValue(pairs, id)?.toString('utf16le') ?? '').slice(0, longestName)
  return { computer: name(avIds.computerName), dnsName: name(avIds.dnsComputerName), domain: name(avIds.domainName) }
}
