import { tellOutcome } from './outcome.js'
import { checkConditions } from './phases/check-conditions.js'
import { cost } from './phases/cost.js'
import { giveServicesBack } from './phases/give-services-back.js'
import { makeNativeImages } from './phases/native-images.js'
import { openCachedFiles } from './phases/open-cached-files.js'
import { handOver, openPatch } from './phases/open-patch.js'
import { register } from './phases/register.js'
import { beginScript, replaceFiles } from './phases/replace-files.js'
import { stopServices } from './phases/stop-services.js'
import { rollBack, rollBackSuspended } from './roll-back.js'
import { InstallEnd, type Transaction } from './transaction.js'

/** Exit code of a success that owes a restart (exchange.md 3.5). */
const restartOwedCode = 3010

/**
 * Applies a patch, from the client's first line to the last: whatever goes wrong follows from what this server is like. Returns
 * msiexec's exit code; the log is whole. Rejects only when the process is killed: then nothing is undone.
 */
export async function install(transaction: Transaction): Promise<number> {
  const { log } = transaction
  let code = 0
  let opened = false
  try {
    handOver(transaction)
    rollBackSuspended(transaction)
    openPatch(transaction)
    openCachedFiles(transaction)
    log.innerFrame('started')
    opened = true
    await transaction.action('INSTALL', () => sequence(transaction))
    if (transaction.restartOwed) code = restartOwedCode
  } catch (error) {
    if (!(error instanceof InstallEnd)) throw error
    code = error.code
    rollBack(transaction)
  }
  tellOutcome(transaction, code, opened)
  log.close()
  return code
}

/** The execute sequence of the rollup's package. */
async function sequence(transaction: Transaction): Promise<void> {
  const { log } = transaction
  log.engine('Running ExecuteSequence', 'Skipping action: FindRelatedProducts (condition is false)')
  await transaction.action('AppSearch')
  await checkConditions(transaction)
  await transaction.action('ValidateProductID')
  await cost(transaction)
  await stopServices(transaction)
  await transaction.action('InstallInitialize', () => beginScript(transaction))
  await transaction.action('ProcessComponents')
  await transaction.action('UnpublishFeatures')
  await transaction.action('RemoveFiles')
  await transaction.action('InstallFiles')
  await transaction.action('RegisterProduct')
  await transaction.action('PublishProduct')
  await transaction.action('InstallFinalize', async () => {
    log.engine('Running Script: C:\\Windows\\Installer\\MSI1D70.tmp')
    await replaceFiles(transaction)
    await makeNativeImages(transaction)
    await giveServicesBack(transaction)
    register(transaction)
  })
}
