import type { ScriptName } from '../../scripts/catalog.js'
import { completePackage } from './calls/complete-package.js'
import { copySharedPackage } from './calls/copy-shared-package.js'
import { getBootState } from './calls/get-boot-state.js'
import { getCollectableLog } from './calls/get-collectable-log.js'
import { getInstallProgress } from './calls/get-install-progress.js'
import { getServerFact } from './calls/get-server-fact.js'
import { getServerLeftover } from './calls/get-server-leftover.js'
import { initializePackage } from './calls/initialize-package.js'
import { moveClusteredServer } from './calls/move-clustered-server.js'
import { moveLeftoverState } from './calls/move-leftover-state.js'
import { newSnapshot } from './calls/new-snapshot.js'
import { registerGuard } from './calls/register-guard.js'
import { removeServerLeftover } from './calls/remove-server-leftover.js'
import { restartServer } from './calls/restart-server.js'
import { restoreServerState } from './calls/restore-server-state.js'
import { startInstallJob } from './calls/start-install-job.js'
import { startSnapshotService } from './calls/start-snapshot-service.js'
import { stopInstallJob } from './calls/stop-install-job.js'
import { testDirectoryReach } from './calls/test-directory-reach.js'
import { testInstallation } from './calls/test-installation.js'
import { testJobAccount } from './calls/test-job-account.js'
import { testServerReadiness } from './calls/test-server-readiness.js'
import { unregisterGuard } from './calls/unregister-guard.js'
import type { ScriptAnswer } from './script-call.js'

/** What plays each script. */
export const answers: { [N in ScriptName]: ScriptAnswer<N> } = {
  'Get-ServerFact': getServerFact,
  'Test-ServerReadiness': testServerReadiness,
  'Initialize-Package': initializePackage,
  'Complete-Package': completePackage,
  'Copy-SharedPackage': copySharedPackage,
  'New-Snapshot': newSnapshot,
  'Register-Guard': registerGuard,
  'Unregister-Guard': unregisterGuard,
  'Test-JobAccount': testJobAccount,
  'Start-InstallJob': startInstallJob,
  'Get-InstallProgress': getInstallProgress,
  'Stop-InstallJob': stopInstallJob,
  'Restore-ServerState': restoreServerState,
  'Start-SnapshotService': startSnapshotService,
  'Restart-Server': restartServer,
  'Get-BootState': getBootState,
  'Test-DirectoryReach': testDirectoryReach,
  'Move-ClusteredServer': moveClusteredServer,
  'Test-Installation': testInstallation,
  'Get-CollectableLog': getCollectableLog,
  'Get-ServerLeftover': getServerLeftover,
  'Move-LeftoverState': moveLeftoverState,
  'Remove-ServerLeftover': removeServerLeftover,
}

/** Scripts that a filtered token can run: they change nothing of the server's. */
export const readers: ReadonlySet<ScriptName> = new Set<ScriptName>([
  'Get-ServerFact',
  'Test-ServerReadiness',
  'Get-InstallProgress',
  'Get-BootState',
  'Test-DirectoryReach',
  'Test-Installation',
  'Get-ServerLeftover',
])
