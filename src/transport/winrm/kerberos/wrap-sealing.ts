import type { SealedProtocol } from '../sealing/sealed-body.js'
import type { Sealing } from '../sealing/sealing.js'
import { KerberosError } from './kerberos-error.js'
import type { WrapTokens } from './wrap-token.js'

export interface WrapSealingOptions {
  incoming: WrapTokens
  outgoing: WrapTokens
  protocol: SealedProtocol
}

/** Seals and opens the messages of one side of a context with wrap tokens: header and data together are one (winrm.md, "Header"). */
export function wrapSealing({ incoming, outgoing, protocol }: WrapSealingOptions): Sealing {
  return {
    protocol,
    mostPadding: 0,
    seal: plain => outgoing.seal(plain),
    open({ header, data }) {
      try {
        return incoming.open(Buffer.concat([header, data]))
      } catch (error) {
        if (error instanceof KerberosError) return undefined
        throw error
      }
    },
  }
}
