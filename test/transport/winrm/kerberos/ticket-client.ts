import { writeFileSync } from 'node:fs'
import type { KerberosModule } from '../../../../src/transport/winrm/auth/kerberos-module.js'
import { decrypt } from '../../../../src/transport/winrm/kerberos/encryption.js'
import { keyUsages, readApRep } from '../../../../src/transport/winrm/kerberos/messages.js'
import { cacheFile } from './cache-file.js'
import { makeTicketToken, type TicketMakeUp } from './ticket.js'

/**
 * Stands in for the kerberos package where there is no KDC: each client gets a ticket made up here, which is put into the cache file as
 * MIT's library does, and believes a server that could read it.
 */
export function ticketModule(makeUp: TicketMakeUp, cache: string): KerberosModule {
  let made = 0
  return {
    async initializeClient() {
      made += 1
      const { token, ticket } = makeTicketToken({ microseconds: made, ...makeUp })
      let complete = false
      return {
        get contextComplete() {
          return complete
        },
        async step(challenge) {
          if (challenge === '') {
            writeFileSync(cache, cacheFile(4, [{ key: makeUp.ticketKey.value, ticket }]))
            return token.toString('base64')
          }
          const { cipher } = readApRep(Buffer.from(challenge, 'base64'))
          if (decrypt(makeUp.ticketKey, keyUsages.apRepPart, cipher) === undefined) throw new Error('another key')
          complete = true
          return null
        },
        async wrap() {
          throw new Error('outside Windows nothing is sealed with it')
        },
        async unwrap() {
          throw new Error('outside Windows nothing is sealed with it')
        },
      }
    },
  }
}
