import { InstallEnd, type Transaction } from '../transaction.js'

/** Free space that a rollup needs for its files, their former versions and the cached copy, in bytes. */
const neededBytes = 480 * 1024 ** 2
const features = [
  'AdminTools',
  'Mailbox',
  'ClientAccess',
  'Bridgehead',
  'Gateway',
  'UnifiedMessaging',
  'ClusteredMailbox',
]

/** CostInitialize to InstallValidate: what would change, and whether there is room for it. Throws `InstallEnd` 1603 on a full disk. */
export async function cost(transaction: Transaction): Promise<void> {
  const { log, payload, server } = transaction
  await transaction.action('CostInitialize', () => {
    log.engine(
      "Machine policy value 'MaxPatchCacheSize' is 10",
      'Baseline: Sorting baselines for {24B2C164-DE66-44FE-B468-A46D9D5E6B31}.',
      'Note: 1: 2262 2: BindImage 3: -2147287038',
      'Note: 1: 2262 2: DuplicateFile 3: -2147287038',
      'Note: 1: 2262 2: PublishComponent 3: -2147287038',
      'Note: 1: 2262 2: SelfReg 3: -2147287038',
    )
  })
  await transaction.action('FileCost', () => log.engine('Note: 1: 2262 2: Extension 3: -2147287038'))
  await transaction.action('CostFinalize')
  await transaction.action('InstallValidate', async () => {
    log.engine(...features.map(name => `Feature: ${name}; Installed: Local;   Request: Local;   Action: Local`))
    await transaction.spend(
      0.04,
      payload.map(({ component }) => `Component: ${component}; Installed: Local;   Request: Local;   Action: Local`),
    )
    if (server.files.freeBytes >= neededBytes) return
    const text = `Error 1601. Out of disk space -- Volume: 'C:'; required space: ${kilobytes(neededBytes)} KB; available space: ${kilobytes(server.files.freeBytes)} KB.  Free some disk space and retry.`
    log.engine('Note: 1: 1601', `Product: Microsoft Exchange Server -- ${text}`)
    log.bare('', text)
    throw new InstallEnd(1603, text)
  })
}

function kilobytes(bytes: number): string {
  return Math.floor(bytes / 1024).toLocaleString('en-US')
}
