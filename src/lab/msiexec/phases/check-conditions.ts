import { installedExchange, isInterim, registeredPatches } from '../../world/installed.js'
import { type PackageMessage, shownMessage } from '../messages.js'
import { InstallEnd, type Transaction } from '../transaction.js'
import { isSuperseded } from './open-patch.js'

/** LaunchConditions: the package looks at the product and refuses what it must not touch (article, Common 1 and 2). Throws `InstallEnd` 1603. */
export async function checkConditions(transaction: Transaction): Promise<void> {
  await transaction.action('LaunchConditions', () => {
    const refusal = refusalOf(transaction)
    if (refusal === undefined) return
    const { log } = transaction
    const text = shownMessage(refusal)
    log.engine(`Product: Microsoft Exchange Server -- ${text}`)
    log.bare('', text)
    throw new InstallEnd(1603, text)
  })
}

function refusalOf(transaction: Transaction): PackageMessage | undefined {
  const { patch, server } = transaction
  const installed = installedExchange(server)
  if (installed !== null && patch.architecture !== null && installed.architecture !== patch.architecture) {
    return 'msgRequiresProc'
  }
  if (registeredPatches(server).some(({ displayName }) => isInterim(displayName))) return 'msgINTERIMUPDATEDETECTED'
  return isSuperseded(transaction) ? 'msgOlderInstallOnNewerRollupIncorrectRollup' : undefined
}
