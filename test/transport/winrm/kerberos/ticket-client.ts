import { writeFileSync } from 'node:fs'
import type { KerberosModule } from '../../../../src/transport/winrm/auth/kerberos-module.js'
import { decrypt, type EncryptionKey } from '../../../../src/transport/winrm/kerberos/encryption.js'
import { keyUsages, readApRep, readApRepShare } from '../../../../src/transport/winrm/kerberos/messages.js'
import { WrapTokens } from '../../../../src/transport/winrm/kerberos/wrap-token.js'
import { cacheFile } from './cache-file.js'
import { makeTicketToken, type TicketMakeUp } from './ticket.js'

const sequence = 77

export interface TicketModuleOptions {
  makeUp: TicketMakeUp
  /** Key of the account that has `HTTP/...`, where it is not that of `makeUp`. */
  httpKey?: EncryptionKey | undefined
  /** The ticket cache that tickets are put into, as MIT's library does. */
  cache: string
  /** Its wrap takes whole messages; kerberos 7.0.0 takes four bytes of them. */
  seals?: boolean
}

/**
 * Stands in for the kerberos package where there is no KDC: each client gets a ticket made up here, and believes a server that could
 * read it.
 */
export function ticketModule({ makeUp, httpKey, cache, seals = false }: TicketModuleOptions): KerberosModule {
  let made = 0
  return {
    async initializeClient(service) {
      made += 1
      const server = service.split('@')
      const serviceKey = (server[0] === 'HTTP' ? httpKey : undefined) ?? makeUp.serviceKey
      const { token, ticket } = makeTicketToken({ microseconds: made, sequence, server, ...makeUp, serviceKey })
      let sides: { outgoing: WrapTokens; incoming: WrapTokens } | undefined
      return {
        get contextComplete() {
          return sides !== undefined
        },
        async step(challenge) {
          if (challenge === '') {
            writeFileSync(cache, cacheFile(4, [{ key: makeUp.ticketKey.value, type: makeUp.ticketKey.type, ticket }]))
            return token.toString('base64')
          }
          const { cipher } = readApRep(Buffer.from(challenge, 'base64'))
          const plain = decrypt(makeUp.ticketKey, keyUsages.apRepPart, cipher)
          if (plain === undefined) throw new Error('another key')
          const { subkey: key = makeUp.ticketKey, sequence: answers = 0 } = readApRepShare(plain)
          sides = {
            outgoing: new WrapTokens({ key, isAcceptorSubkey: true, sender: 'initiator', sequence }),
            incoming: new WrapTokens({ key, isAcceptorSubkey: true, sender: 'acceptor', sequence: answers }),
          }
          return null
        },
        async wrap(plain) {
          const message = Buffer.from(plain, 'base64')
          return sides === undefined ? '' : straight(sides.outgoing, seals ? message : message.subarray(0, 4))
        },
        async unwrap(sealed) {
          const plain = sides?.incoming.open(Buffer.from(sealed, 'base64'))
          if (plain === undefined) throw new Error('A token had an invalid Message Integrity Check')
          return plain.toString('base64')
        },
      }
    },
  }
}

/** A token as GSSAPI has it: not turned. */
function straight(outgoing: WrapTokens, plain: Buffer): string {
  const { header, data } = outgoing.seal(plain)
  const body = Buffer.concat([header.subarray(16), data])
  const head = Buffer.from(header.subarray(0, 16))
  const turn = head.readUInt16BE(6)
  head.writeUInt16BE(0, 6)
  return Buffer.concat([head, body.subarray(turn), body.subarray(0, turn)]).toString('base64')
}
