import { compareBuilds } from '../../../products/builds.js'
import { exchange2007, installedExchange } from '../../world/installed.js'
import { installerFolder } from '../../world/windows-places.js'
import { InstallEnd, type Transaction } from '../transaction.js'

/** The client hands over to the installer service: with `/quiet` the whole installation runs there. */
export function handOver({ log }: Transaction): void {
  log.client('Resetting cached policy values', "Machine policy value 'Debug' is 0", '******* RunEngine:')
  runEngine(log)
  log.client(
    'Client-side and UI is none or basic: Running entire install on the server.',
    'Grabbed execution mutex.',
    'Cloaking enabled.',
    'Attempting to enable all disabled privileges before calling Install on Server',
    'Incrementing counter to disable shutdown. Counter after increment: 0',
  )
  log.engine('Grabbed execution mutex.', 'Resetting cached policy values', "Machine policy value 'Debug' is 0")
  log.engine('******* RunEngine:')
  runEngine(log)
  log.engine("Machine policy value 'DisableUserInstalls' is 0", 'File will have security applied from OpCode.')
}

/** Copies the patch aside, asks the software restriction policy, and asks whether it fits the product. Throws `InstallEnd` 1642. */
export function openPatch(transaction: Transaction): void {
  const { log, packagePath, patch, server } = transaction
  const copy = `${installerFolder}\\${transaction.cachedName}`
  log.engine(
    `SOFTWARE RESTRICTION POLICY: Verifying patch --> '${packagePath}' against software restriction policy`,
    `SOFTWARE RESTRICTION POLICY: ${packagePath} has a digital signature`,
    `SOFTWARE RESTRICTION POLICY: ${packagePath} is permitted to run at the 'unrestricted' authorization level.`,
    `Original patch ==> ${packagePath}`,
    `Patch we're running from ==> ${copy}`,
  )
  const installed = installedExchange(server)
  log.engine(
    `SequencePatches starts. Product code: ${exchange2007}, Product version: ${productVersion}, Upgrade code: {F0D1DBB7-1B9F-4E2E-8C2C-5A3D6B6C4E21}, Product language 1033`,
    `PATCH SEQUENCER: verifying the applicability of QFE patch ${copy} against product code: ${exchange2007}, product version: ${productVersion}, product language 1033 and upgrade code: {F0D1DBB7-1B9F-4E2E-8C2C-5A3D6B6C4E21}`,
  )
  const fits =
    patch.productCodes.includes(exchange2007) &&
    (installed === null || patch.build === null || line(installed.build) === line(patch.build))
  if (!fits) {
    log.engine(
      `PATCH SEQUENCER: QFE patch ${copy} is not applicable.`,
      'SequencePatches returns success.',
      'Final Patch Application Order:',
      'Other Patches:',
      `Unknown\\Absent: ${patch.patchCode} - ${copy}`,
    )
    throw new InstallEnd(1642, 'the patch is for another product or service pack')
  }
  log.engine(
    `PATCH SEQUENCER: QFE patch ${copy} is applicable.`,
    'SequencePatches returns success.',
    'Final Patch Application Order:',
    `${patch.patchCode} - ${copy}`,
  )
}

/** The product's version stays that of its service pack; rollups move files only (article, "Product Version: 8.1.240.6"). */
export const productVersion = '8.1.240.6'

/** True when the server has a newer rollup than the patch. */
export function isSuperseded({ server, patch }: Transaction): boolean {
  const installed = installedExchange(server)
  return installed !== null && patch.build !== null && compareBuilds(installed.build, patch.build) > 0
}

function runEngine(log: Transaction['log']): void {
  const blanks = '           '
  log.bare(
    `${blanks}******* Product: ${exchange2007}`,
    `${blanks}******* Action: `,
    `${blanks}******* CommandLine: **********`,
  )
}

/** `8.1` of `8.1.311.3`. */
function line(build: string): string {
  return build.split('.').slice(0, 2).join('.')
}
