import { describe, expect, it } from 'vitest'
import { type FaultName, faultNames } from '../../../src/lab/model.js'
import { missingHostReason, powershells } from '../../powershell-host/host.js'
import { accountCalls } from './account-calls.js'
import { type ContractOptions, contractServer } from './contract-server.js'
import { everyCall } from './every-call.js'
import { shareCalls } from './share-calls.js'

/** Faults of the line to a server, of what the pin says of it, or of a PowerShell that runs no script: no call hears of them. */
const ofTheLine: readonly FaultName[] = [
  'old-powershell',
  'connection-drop',
  'unreachable',
  'auth-failure',
  'host-key-changed',
  'corrupt-transfer',
  'slow',
]
const told = faultNames.filter(name => !ofTheLine.includes(name))

const reason = missingHostReason()

/** For a machine that others use too. */
const storyMs = 1_200_000

async function story(options: ContractOptions, calls: typeof everyCall = everyCall): Promise<unknown> {
  const contract = await contractServer(options)
  try {
    return await calls(contract)
  } finally {
    await contract.close()
  }
}

describe.skipIf(reason !== '')(
  reason === '' ? 'the scripts in PowerShell and the model engine' : `the two engines (skipped: ${reason})`,
  () => {
    describe.each(powershells().slice(0, 1))('on $name', ({ program }) => {
      it(
        'give the same answer to every call, field by field',
        async () => {
          expect(await story({ program, faults: [] })).toEqual(await story({ faults: [] }))
        },
        storyMs,
      )

      it(
        'give the same answer on a server with Client Access, and on a node of a cluster',
        async () => {
          for (const index of [1, 6]) {
            expect(await story({ program, faults: [], index })).toEqual(await story({ faults: [], index }))
          }
        },
        storyMs,
      )

      it.concurrent.each(['crl-unreachable', 'restore-refused'] as const)(
        'give the same answer about an account that installs run as, with %s',
        async fault => {
          const faults = [fault]
          expect(await story({ program, faults }, accountCalls)).toEqual(await story({ faults }, accountCalls))
        },
        storyMs,
      )

      it(
        'give the same answer about a package that the server copies from a share, also outside the domain',
        async () => {
          for (const index of [0, 3]) {
            const options = { faults: [], index }
            expect(await story({ ...options, program }, shareCalls)).toEqual(await story(options, shareCalls))
          }
        },
        storyMs,
      )

      // Most of a story is waiting for the servers' time.
      it.concurrent.each(told)(
        'give the same answer with %s',
        async fault => {
          const index = fault === 'owa-broken' ? 1 : 0
          // What comes in the middle needs one.
          const installSeconds = fault === 'reboot-mid-install' ? 600 : 0
          const options = { faults: [fault], index, installSeconds }
          expect(await story({ ...options, program })).toEqual(await story(options))
        },
        storyMs,
      )
    })
  },
)
