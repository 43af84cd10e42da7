import { runScript } from '../quiet-exec.js'
import { beforePatch } from '../service-control.js'
import type { Transaction } from '../transaction.js'

/** The custom action of the article's first case: services are saved, stopped and disabled by a script. */
export async function stopServices(transaction: Transaction): Promise<void> {
  const { log, random, server, killed } = transaction
  await transaction.action('CA_SAVEDATA_STOP_SERVICES', async () => {
    log.engine(
      `Creating MSIHANDLE (1) of type 790542 for thread ${random.between(1200, 7000)}`,
      'Invoking remote custom action. DLL: C:\\Windows\\Installer\\MSI3D2F.tmp, Entrypoint: CAQuietExec',
    )
    await runScript(transaction, 'servicecontrol.ps1', 'BeforePatch', () => beforePatch(server, killed))
  })
  server.network.falter()
  transaction.check()
}
