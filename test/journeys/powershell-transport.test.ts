import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyFault } from '../../src/lab/faults/apply-fault.js'
import { whyNotHosted } from '../transport/powershell/engine-behind-sshd.js'
import { differences, type LabProcess, run } from './exroll.js'
import { fleetBehindSshd } from './fleet-behind-sshd.js'

const limit = 500_000
const reason = await whyNotHosted()

describe.skipIf(reason !== undefined)(
  `the main job through hosted PowerShell, OpenSSH and a real engine${reason === undefined ? '' : ` (${reason})`}`,
  () => {
    let fleet: LabProcess
    beforeAll(async () => {
      fleet = await fleetBehindSshd({
        servers: 2,
        prepare: server => {
          if (server.name === 'ex-cas-01') applyFault(server, 'crl-unreachable')
        },
      })
    }, limit)
    afterAll(() => fleet?.end(), limit)

    it(
      'patches every server once, with the settings off and back as over SSH, and pulls its logs',
      async () => {
        const before = await fleet.state()
        const result = await run(fleet)
        expect(result.exitCode, result.stderr + result.stdout.slice(-3000)).toBe(0)
        expect(result.outcomes).toEqual({ 'ex-mbx-01': 'changed', 'ex-cas-01': 'changed' })
        const crl = result.events.filter(event => event.type.startsWith('setting.') && 'setting' in event)
        expect(crl.map(event => event.type)).toEqual(['setting.changed', 'setting.restored'])
        const after = await fleet.state()
        for (const [name, server] of Object.entries(after.servers)) {
          expect(server).toMatchObject({ build: '8.1.311.3', installsStarted: 1 })
          expect(differences(before, after, name)).toEqual([])
        }
      },
      limit,
    )
  },
)
