import type { Rule } from '../rule.js'
import { accessDenied } from './access-denied.js'
import { activeDirectory } from './active-directory.js'
import { assemblyCommit } from './assembly-commit.js'
import { certificateExpired } from './certificate-expired.js'
import { corruption } from './corruption.js'
import { crlCheck } from './crl-check.js'
import { customAction } from './custom-action.js'
import { databaseNotMounted } from './database-not-mounted.js'
import { digitalSignature } from './digital-signature.js'
import { diskFull } from './disk-full.js'
import { executionPolicy } from './execution-policy.js'
import { filesInUse } from './files-in-use.js'
import { gpoExecutionPolicy } from './gpo-execution-policy.js'
import { installerBusy } from './installer-busy.js'
import { installerService } from './installer-service.js'
import { interimUpdate } from './interim-update.js'
import { interimUpdateBlocksUninstall } from './interim-update-blocks-uninstall.js'
import { interimUpdateMismatch } from './interim-update-mismatch.js'
import { interrupted } from './interrupted.js'
import { missingCachedPackage } from './missing-cached-package.js'
import { missingCachedPatch } from './missing-cached-patch.js'
import { missingFolder } from './missing-folder.js'
import { notApplicable } from './not-applicable.js'
import { notElevated } from './not-elevated.js'
import { owaBroken } from './owa-broken.js'
import { patchRegistration } from './patch-registration.js'
import { permissions } from './permissions.js'
import { poisonedServiceState } from './poisoned-service-state.js'
import { policyForbids } from './policy-forbids.js'
import { prerequisite } from './prerequisite.js'
import { rebootPending } from './reboot-pending.js'
import { searchFoundation } from './search-foundation.js'
import { serviceControlFailed } from './service-control-failed.js'
import { serviceStartFailed } from './service-start-failed.js'
import { serviceStopFailed } from './service-stop-failed.js'
import { servicesDisabled } from './services-disabled.js'
import { servicesNotStarted } from './services-not-started.js'
import { setupFromBin } from './setup-from-bin.js'
import { setupSnapIn } from './setup-snap-in.js'
import { sourceUnavailable } from './source-unavailable.js'
import { stalled } from './stalled.js'
import { superseded } from './superseded.js'
import { tempFile } from './temp-file.js'
import { userCancelled } from './user-cancelled.js'
import { virtualDirectory } from './virtual-directory.js'
import { wrongArchitecture } from './wrong-architecture.js'

/** All known failures, those that name one cause exactly before those that only fit when nothing better does. */
export const rules: readonly Rule[] = [
  wrongArchitecture, interimUpdate, interimUpdateBlocksUninstall, superseded, interimUpdateMismatch, notApplicable,
  missingCachedPatch, missingCachedPackage, patchRegistration, corruption, setupFromBin, tempFile,
  setupSnapIn, gpoExecutionPolicy, poisonedServiceState, serviceStopFailed, servicesDisabled, servicesNotStarted, serviceStartFailed,
  serviceControlFailed, executionPolicy, owaBroken,
  crlCheck, stalled, interrupted, userCancelled, installerBusy, installerService, diskFull, rebootPending, filesInUse,
  assemblyCommit, digitalSignature, certificateExpired, searchFoundation, databaseNotMounted, virtualDirectory, permissions, activeDirectory,
  missingFolder, accessDenied, sourceUnavailable, notElevated, policyForbids, customAction, prerequisite,
] // biome-ignore format: a list in a considered order
