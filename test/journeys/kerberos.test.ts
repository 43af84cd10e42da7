import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasKdc, hasPackage, type Kdc, lendEnvironment, startKdc } from '../transport/winrm/kdc.js'
import { differences, type LabProcess, labUp, run } from './exroll.js'

const servers = 4

describe.skipIf(!hasKdc || !hasPackage)(
  'the main job with a ticket and no password (skipped without krb5-kdc and the kerberos package)',
  () => {
    let kdc: Kdc
    let giveBack: () => void
    let lab: LabProcess

    beforeAll(async () => {
      kdc = await startKdc({ user: 'exadmin', principals: ['HTTP/localhost'] })
      giveBack = lendEnvironment(kdc)
      lab = await labUp(['--servers', String(servers), '--time-scale', '600', '--transport', 'winrm'])
    })
    afterAll(async () => {
      await lab?.end()
      giveBack?.()
      await kdc?.close()
    })

    it('patches every server over sealed HTTP and HTTPS, and leaves the rest of it as it was', async () => {
      writeFileSync(
        lab.inventory,
        readFileSync(lab.inventory, 'utf8')
          .replaceAll('host: 127.0.0.1', 'host: localhost')
          .replaceAll(/scheme: (https?)\n/g, 'scheme: $1\n      auth: kerberos\n')
          .replaceAll(/ {4}password:\n {6}file: .*\n/g, '    agent: true\n'),
      )
      const before = await lab.state()
      const { exitCode, stderr, outcomes } = await run(lab)
      expect(exitCode, stderr).toBe(0)
      expect(Object.values(outcomes)).toEqual(Array.from({ length: servers }, () => 'changed'))
      const after = await lab.state()
      for (const name of Object.keys(after.servers)) expect(differences(before, after, name)).toEqual([])
    })
  },
)
