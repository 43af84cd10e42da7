import { exSetup, inProgressFile } from '../world/windows-places.js'
import { endScript } from './phases/register.js'
import type { Transaction } from './transaction.js'

/**
 * Undoes what the script did to files: the former build is back. Services are not of the script: what was stopped and disabled stays so
 * (exchange.md 2.4, "leaves services disabled").
 */
export function rollBack(transaction: Transaction): void {
  const { log, server } = transaction
  if (!server.files.exists(inProgressFile)) return
  log.engine("User policy value 'DisableRollback' is 0", "Machine policy value 'DisableRollback' is 0")
  log.actionText('Rollback', 'Rolling back action:')
  const build = server.files.text(inProgressFile)
  if (build !== '' && server.files.text(exSetup) !== build) {
    log.engine('Executing op: FileCopy(SourceName=C:\\Config.Msi\\1d70.rbf,,DestName=ExSetup.exe,Attributes=0)')
    server.files.write(exSetup, build)
  }
  endScript(transaction)
}

/** An installation that was cut short left its script behind: Windows Installer undoes it before it begins anything new. */
export function rollBackSuspended(transaction: Transaction): void {
  if (!transaction.server.files.exists(inProgressFile)) return
  transaction.log.engine(
    `Note: 1: 1704 2: {24B2C164-DE66-44FE-B468-A46D9D5E6B31}`,
    'Suspended install detected. Rolling it back.',
  )
  rollBack(transaction)
}
