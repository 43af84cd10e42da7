import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Lab } from '../../src/lab/lab.js'
import type { LabOptions } from '../../src/lab/model.js'

export interface StartedLab {
  /** Path of the inventory; its password file is beside it. */
  inventory: string
  folder: string
  lab: Lab
  dispose(): Promise<void>
}

/** A lab in this process with its inventory in a temporary folder. */
export async function startLab(options: Partial<LabOptions> = {}): Promise<StartedLab> {
  const lab = await Lab.start({ servers: 3, seed: 1, faults: [], timeScale: 600, ...options })
  const folder = mkdtempSync(join(tmpdir(), 'exroll-lab-'))
  const inventory = join(folder, 'inv.yaml')
  const passwordFile = `${inventory}.password`
  writeFileSync(passwordFile, `${lab.password}\n`, { mode: 0o600 })
  writeFileSync(inventory, lab.inventoryYaml({ passwordFile }))
  return {
    inventory,
    folder,
    lab,
    async dispose() {
      await lab.dispose()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
