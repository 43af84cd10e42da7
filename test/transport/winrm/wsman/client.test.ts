import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultElement, WsmanFaultAnswer } from '../../../../src/lab/endpoint/winrm/wsman-fault.js'
import { readCall } from '../../../../src/lab/endpoint/winrm/wsman-request.js'
import { reply } from '../../../../src/lab/endpoint/winrm/wsman-response.js'
import { actions, resources } from '../../../../src/transport/winrm/soap/names.js'
import type { WsmanRequest } from '../../../../src/transport/winrm/wsman/client.js'
import { clientTo } from '../listener.js'

type Answer = 'taken' | 'fault' | 'another'

/** A listener that gives the requests of a sequence these answers, in their order, and notes what is asked and what is answered. */
async function startScript(
  answers: readonly Answer[],
): Promise<{ port: number; seen: string[]; close(): Promise<void> }> {
  const seen: string[] = []
  const server = createServer((incoming, outgoing) => {
    const pieces: Buffer[] = []
    incoming.on('data', piece => pieces.push(piece))
    incoming.on('end', () => {
      if (pieces.length === 0) {
        outgoing.end()
        return
      }
      const { messageId, selectors } = readCall(Buffer.concat(pieces))
      const number = Number(selectors.get('number'))
      seen.push(`asked ${number}`)
      const answer = answers[number] ?? 'taken'
      const body =
        answer === 'fault'
          ? faultElement(new WsmanFaultAnswer('timedOut'), 'ex-01')
          : { name: 'rsp:SendResponse' as const }
      const relatesTo = answer === 'another' ? 'uuid:00000000-0000-0000-0000-000000000000' : messageId
      setImmediate(() => {
        seen.push(`answered ${number}`)
        outgoing.writeHead(answer === 'fault' ? 500 : 200, { 'Content-Type': 'application/soap+xml;charset=UTF-8' })
        outgoing.end(reply(`${actions.send}Response`, relatesTo, [body]).toBuffer())
      })
    })
  })
  const connections: Promise<unknown>[] = []
  server.on('connection', socket => connections.push(once(socket, 'close')))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    async close() {
      // What is on its way still arrives.
      await Promise.all(connections)
      server.close()
    },
  }
}

async function* requests(count: number): AsyncGenerator<WsmanRequest> {
  for (let number = 0; number < count; number += 1) {
    yield { action: actions.send, resourceUri: resources.cmd, selectors: { number: String(number) } }
  }
}

async function play(answers: readonly Answer[]): Promise<{ seen: string[]; heard: number; error: unknown }> {
  const script = await startScript(answers)
  const times = { operationTimeoutMs: 20_000, answerGraceMs: 10_000 }
  const { client, pool } = await clientTo(script.port, times, { auth: 'basic', clearText: true })
  let heard = 0
  const error = await client
    .sequence(requests(answers.length), () => {
      heard += 1
    })
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
  pool.close()
  await script.close()
  return { seen: script.seen, heard, error }
}

describe('requests one after the other', () => {
  it('go out in their order, each after the one before was answered, and none after a fault', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 6 }), fc.nat({ max: 6 }), async (before, after) => {
        const answers: Answer[] = [
          ...new Array<Answer>(before).fill('taken'),
          'fault',
          ...new Array<Answer>(after).fill('taken'),
        ]
        const { seen, heard, error } = await play(answers)
        expect(seen).toEqual(
          Array.from({ length: before + 1 }, (_, number) => [`asked ${number}`, `answered ${number}`]).flat(),
        )
        expect(heard).toBe(before)
        expect(error).toMatchObject({ name: 'FaultError' })
      }),
      { numRuns: 15 },
    )
  })

  it('are all heard of where all are answered', async () => {
    expect(await play(['taken', 'taken', 'taken'])).toMatchObject({ heard: 3, error: undefined })
    expect(await play([])).toMatchObject({ heard: 0, error: undefined, seen: [] })
  })

  it('end with an answer to another message', async () => {
    const { seen, heard, error } = await play(['taken', 'another', 'taken', 'taken'])
    expect(error).toMatchObject({ code: 'ANSWER_INVALID' })
    expect(heard).toBe(1)
    expect(seen).not.toContain('asked 3')
  })
})
