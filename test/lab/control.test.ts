import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors.js'
import { askLab, type ControlledLab, controlFileOf, startLabControl } from '../../src/lab/control.js'

describe('the control channel of a lab', () => {
  let folder: string
  let inventory: string
  const asked: string[] = []
  const lab: ControlledLab = {
    state: () => ({ servers: {} }),
    allow(fault, server) {
      if (server !== 'ex-mbx-01') throw new UsageError(`no server ${server}`, { code: 'X' })
      asked.push(`${fault}@${server}`)
    },
    reboot(server) {
      asked.push(`reboot ${server}`)
    },
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'exroll-control-'))
    inventory = join(folder, 'inv.yaml')
    asked.length = 0
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('answers whoever may read the control file, and is gone after it was closed', async () => {
    const control = await startLabControl(lab, inventory)
    expect(await askLab(inventory, { do: 'state' })).toEqual({ servers: {} })
    await askLab(inventory, { do: 'allow', fault: 'restore-refused', server: 'ex-mbx-01' })
    await askLab(inventory, { do: 'reboot', server: 'ex-cas-01' })
    expect(asked).toEqual(['restore-refused@ex-mbx-01', 'reboot ex-cas-01'])
    await control.close()
    await expect(askLab(inventory, { do: 'state' })).rejects.toMatchObject({ code: 'LAB_NOT_RUNNING', exitCode: 3 })
  })

  it.skipIf(process.platform === 'win32')(
    'lets only its owner read the control file, whatever was there before',
    async () => {
      writeFileSync(controlFileOf(inventory), 'open to all', { mode: 0o644 })
      const control = await startLabControl(lab, inventory)
      expect(statSync(controlFileOf(inventory)).mode & 0o777).toBe(0o600)
      await control.close()
    },
  )

  it('does nothing for a wrong token', async () => {
    const control = await startLabControl(lab, inventory)
    const way = JSON.parse(readFileSync(controlFileOf(inventory), 'utf8')) as { token: string }
    writeFileSync(controlFileOf(inventory), JSON.stringify({ ...way, token: way.token.replace(/./g, '0') }))
    await expect(askLab(inventory, { do: 'reboot', server: 'ex-cas-01' })).rejects.toMatchObject({
      code: 'LAB_REFUSED',
    })
    expect(asked).toEqual([])
    await control.close()
  })

  it("hands on the lab's words for a name it does not have", async () => {
    const control = await startLabControl(lab, inventory)
    const refused = askLab(inventory, { do: 'allow', fault: 'restore-refused', server: 'nobody' })
    await expect(refused).rejects.toThrow(/no server nobody/)
    await control.close()
  })

  it('says that no lab runs where a killed one left its control file', async () => {
    const control = await startLabControl(lab, inventory)
    const left = readFileSync(controlFileOf(inventory))
    await control.close()
    writeFileSync(controlFileOf(inventory), left)
    await expect(askLab(inventory, { do: 'state' })).rejects.toMatchObject({ code: 'LAB_NOT_RUNNING' })
  })
})
