import type { LabServer } from '../world/lab-server.js'
import { productVersion } from './phases/open-patch.js'
import { propertyDump } from './property-dump.js'
import type { Transaction } from './transaction.js'

const product = 'Microsoft Exchange Server'
const successCodes = new Set([0, 3010, 1641])

/** STG_E_FILENOTFOUND: the package has no table of texts in this language. Stands in logs of successes too (article, red herrings). */
const noErrorTable = 'Note: 1: 2262 2: Error 3: -2147287038'

/**
 * The last lines of a log and the events that say the same: how it ended in words, in numbers, and the client's farewell. `opened`: the
 * package itself was opened, so its properties are listed.
 */
export function tellOutcome(transaction: Transaction, code: number, opened: boolean): void {
  const { log, server, patch } = transaction
  const good = successCodes.has(code)
  if (opened) {
    propertyDump(transaction)
    log.innerFrame('stopped')
  }
  log.engine(`Note: 1: ${good ? 1728 : 1729}`, noErrorTable, 'Transforming table Error.', noErrorTable)
  const told = updateText(transaction, code)
  log.engine(
    told,
    `Windows Installer installed an update. Product Name: ${product}. Product Version: ${productVersion}. Product Language: 1033. Update Name: ${patch.displayName}. Installation success or error status: ${code}.`,
    `Product: ${product} -- ${opened ? 'Configuration' : 'Installation'} ${good ? 'completed successfully' : 'failed'}.`,
    `Windows Installer reconfigured the product. Product Name: ${product}. Product Version: ${productVersion}. Product Language: 1033. Reconfiguration success or error status: ${code}.`,
  )
  cleanUp(transaction, good)
  log.engine(`MainEngineThread is returning ${code}`)
  log.client(
    'Decrementing counter to disable shutdown. If counter >= 0, shutdown will be denied.  Counter after decrement: -1',
    `MainEngineThread is returning ${code}`,
  )
  writeEvents(server, told, patch.displayName, code)
}

/** The temporary copy goes. In a failure somebody still has it open for a moment: LastError 32 says nothing about the cause. */
function cleanUp({ log, cachedName }: Transaction, good: boolean): void {
  const copy = `C:\\Windows\\Installer\\${cachedName.replace(/^./, 'f')}`
  log.engine(`Attempting to delete file ${copy}`)
  if (!good) log.engine('Unable to delete the file. LastError = 32')
  log.engine('Cleaning up uninstalled install packages, if any exist')
  if (!good) log.engine(`Attempting to delete file ${copy}`)
}

function updateText({ log, patch }: Transaction, code: number): string {
  return successCodes.has(code)
    ? `Product: ${product} - Update '${patch.displayName}' installed successfully.`
    : `Product: ${product} - Update '${patch.displayName}' could not be installed. Error code ${code}. Additional information is available in the log file ${log.path}.`
}

/** Application log, source MsiInstaller (exchange.md 3.7): 1022 installed, 1023 failed with a log, 1035 and 1036 the status, 1038 a restart owed. */
function writeEvents({ events }: LabServer, told: string, update: string, code: number): void {
  const good = successCodes.has(code)
  const write = (id: number, level: 'Information' | 'Error', text: string): void =>
    events.write({ log: 'Application', source: 'MsiInstaller', id, level, text })
  write(good ? 1022 : 1023, good ? 'Information' : 'Error', told)
  const common = `Product Name: ${product}. Product Version: ${productVersion}. Product Language: 1033.`
  write(
    1036,
    'Information',
    `Windows Installer installed an update. ${common} Update Name: ${update}. Installation success or error status: ${code}.`,
  )
  write(
    1035,
    'Information',
    `Windows Installer reconfigured the product. ${common} Reconfiguration success or error status: ${code}.`,
  )
  if (code === 3010) {
    write(
      1038,
      'Information',
      `Windows Installer requires a system restart. ${common} Type of System Restart: 2. Reason for Restart: 1.`,
    )
  }
}
