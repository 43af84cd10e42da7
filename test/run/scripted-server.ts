import { AuthError } from '../../src/errors.js'
import { contractVersion, type ScriptName, type ScriptResults, type ServerFact } from '../../src/scripts/catalog.js'
import type { CommandResult, Session, Transport } from '../../src/transport/transport.js'
import { healthyFact, readiness, rollup4 } from './fixture.js'

/** How a scripted server ends. `unknown`: the call that starts its install fails, so that nobody knows whether it runs. */
export type ScriptedEnd = 'ok' | 'blocked' | 'failed' | 'unreachable' | 'unknown'

export interface Script {
  name: string
  end: ScriptedEnd
  /** Turns of the event loop that each answer takes. */
  turns: number
  /** Of a node: whether the clustered mailbox server is on it. */
  active?: boolean
}

/** The node that is not asked; no server has this name. */
const other = '(other)'

type Answers = { [N in ScriptName]?: () => ScriptResults[N] }

/** A server that answers calls from a table, so that a whole run takes milliseconds and its order can be chosen. */
export function scriptedTransport({ name, end, turns, active }: Script): Transport {
  const fact: ServerFact = healthyFact({
    computerName: name,
    cluster:
      active === undefined
        ? null
        : {
            type: 'ccr',
            name: 'CMS',
            nodes: [name, other],
            activeNode: active ? name : other,
            isActive: active,
            healthy: true,
          },
  })
  if (end === 'ok' && fact.exchange !== null) {
    const { patchCode, displayName, kb } = rollup4
    fact.exchange.build = rollup4.build ?? ''
    fact.updates = [...fact.updates, { patchCode, displayName, kb, interim: false }]
  }
  const answers: Answers = {
    'Get-ServerFact': () => fact,
    'Test-ServerReadiness': () => readiness(end === 'blocked' ? { freeBytes: 0 } : {}),
    'New-Snapshot': () => ({ created: true, services: [], settings: fact.settings }),
    'Register-Guard': () => ({ armed: true, tasks: ['guard'] }),
    'Unregister-Guard': () => ({
      ...{ disarmed: true, outstanding: [] },
      services: { running: 0, expected: 0, down: [] },
    }),
    'Move-ClusteredServer': () => ({ moved: true, activeNode: other, healthy: true }),
    'Get-CollectableLog': () => ({ files: [] }),
    ...(end === 'failed' ? {} : { 'Initialize-Package': () => ({ present: true, uploadPath: '', path: 'C:\\u.msp' }) }),
  }
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < turns; turn++) await new Promise(resolve => setImmediate(resolve))
  }
  const session: Session = {
    async run({ stdin }, { onStdout } = {}): Promise<CommandResult> {
      await settle()
      const call = /^exroll\/1 ([\w-]+)/.exec(String(stdin))?.[1] as ScriptName
      const data = answers[call]?.()
      const result = { type: 'result', contract: contractVersion, ok: data !== undefined }
      const error = { code: 'NOT_SCRIPTED', message: `${name} does not answer ${call}` }
      onStdout?.(Buffer.from(`${JSON.stringify(data === undefined ? { ...result, error } : { ...result, data })}\n`))
      const lasting = { durationMs: 0, timedOut: false, canceled: false, connectionLost: false }
      return { exitCode: 0, stdout: '', stderr: '', ...lasting }
    },
    upload: async () => ({ bytes: 0, sha256: '' }),
    download: async () => ({ bytes: 0, sha256: '' }),
    close: async () => undefined,
    closed: false,
  }
  return {
    async connect() {
      await settle()
      // A logon is refused once and for all; a server that is down would be looked for again.
      if (end === 'unreachable') throw new AuthError(`${name} says no`, { code: 'AUTH_FAILED' })
      return session
    },
  }
}
