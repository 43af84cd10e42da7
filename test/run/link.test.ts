import { describe, expect, it } from 'vitest'
import { AuthError, ConnectError, TransferError } from '../../src/errors.js'
import { createLink } from '../../src/run/link.js'
import type { Session, Transport } from '../../src/transport/transport.js'
import { scriptedTransport } from './scripted-server.js'

/** Sessions that open, or errors in their place, one after the other. */
function transportWith(answers: readonly ('open' | Error)[]): { transport: Transport; connects: () => number } {
  let connects = 0
  const session = { closed: false, close: async () => undefined } as Session
  const transport: Transport = {
    async connect() {
      const answer = answers[connects]
      connects += 1
      if (answer === undefined) throw new Error('connected once too often')
      if (answer !== 'open') throw answer
      return session
    },
  }
  return { transport, connects: () => connects }
}

const lost = (code = 'CONNECTION_LOST') => new TransferError('gone', { code })
const connectError = (code: string) => new ConnectError('not now', { code })

function linkOver(answers: readonly ('open' | Error)[]) {
  const { transport, connects } = transportWith(answers)
  return { link: createLink({ transport, signal: new AbortController().signal, retryDelaysMs: [1] }), connects }
}

/** Loses the first session, does what it is for on the second. */
function once(error = lost()): () => Promise<string> {
  let calls = 0
  return async () => {
    calls += 1
    if (calls === 1) throw error
    return 'done'
  }
}

/** A way to a server that counts the sessions that are open. */
function counted(): { transport: Transport; open: () => number } {
  const { connect } = scriptedTransport({ name: 'ex-01', end: 'ok', turns: 1 })
  let open = 0
  async function connectCounted(): Promise<Session> {
    const session = await connect()
    open += 1
    return {
      ...session,
      async close() {
        open -= 1
      },
    }
  }
  return { transport: { connect: connectCounted }, open: () => open }
}

describe('a link to a server', () => {
  it.for(['CONNECT_FAILED', 'CONNECT_TIMEOUT', 'HTTP_STATUS', 'SERVER_BUSY', 'SERVER_EXHAUSTED'])(
    'waits for a server that was lost and comes back: %s',
    async code => {
      const { link, connects } = linkOver(['open', connectError(code), connectError(code), 'open'])
      expect(await link.use(once())).toBe('done')
      expect(connects()).toBe(4)
    },
  )

  it.for(['CONNECTION_LOST', 'HTTP_STATUS', 'SERVER_BUSY', 'SERVER_EXHAUSTED'])(
    'asks again on a new connection what the one before gave no answer to: %s',
    async code => {
      const { link, connects } = linkOver(['open', 'open'])
      expect(await link.use(once(lost(code)))).toBe('done')
      expect(connects()).toBe(2)
    },
  )

  it.for(['ACCESS_DENIED', 'WINRM_FAULT', 'INPUT_UNCERTAIN', 'SIGNATURE_INVALID'])(
    'passes on what another connection would not change: %s',
    async code => {
      const { link, connects } = linkOver(['open'])
      await expect(link.use(once(lost(code)))).rejects.toMatchObject({ code })
      expect(connects()).toBe(1)
    },
  )

  it.for([
    connectError('TLS_UNTRUSTED'),
    connectError('HOST_KEY_CHANGED'),
    connectError('SHELLS_NOT_ALLOWED'),
    new AuthError('no', { code: 'AUTH_FAILED' }),
    new AuthError('no', { code: 'ACCESS_DENIED' }),
  ])('does not try again what would stay as it is: $code', async error => {
    const { link, connects } = linkOver(['open', error])
    await expect(link.use(once())).rejects.toBe(error)
    expect(connects()).toBe(2)
  })

  it('does not try a first connection again', async () => {
    const { link, connects } = linkOver([connectError('HTTP_STATUS')])
    await expect(link.connect()).rejects.toMatchObject({ code: 'HTTP_STATUS' })
    expect(connects()).toBe(1)
  })

  it('has no session once somebody left, also when nothing is under way, and when it is closed again', async () => {
    const { transport, open } = counted()
    const leaving = new AbortController()
    const link = createLink({ transport, signal: leaving.signal })
    await link.connect()
    expect(open()).toBe(1)
    leaving.abort()
    expect(open()).toBe(0)
    await link.close()
    expect(open()).toBe(0)
  })

  it('is closed once where nobody left meanwhile', async () => {
    const { transport, open } = counted()
    const leaving = new AbortController()
    const link = createLink({ transport, signal: leaving.signal })
    await link.connect()
    await link.close()
    leaving.abort()
    expect(open()).toBe(0)
  })
})
