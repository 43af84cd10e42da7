import { checkDocument } from '../input/check.js'
import { readDocument } from '../input/document.js'
import { inputError } from '../input/problem.js'
import { absolutePath } from '../inventory/absolute-path.js'
import { checkAllowOptions, crossCheck } from './cross-check.js'
import type { InstallPolicy, Playbook, Rollout, SettingsPolicy } from './model.js'
import { type PlaybookDocument, playbookSchema } from './schema.js'
import { withSetValues } from './set-value.js'

export interface PlaybookOptions {
  /** `--set key=value`: `rollout.max_fail=2`. Paths in them start where those of the file do. */
  set?: readonly string[]
  /** `--allow BLOCK[@server]`, added to the playbook's own. */
  allow?: readonly string[]
}

/**
 * The playbook that `text` describes with `set` over it, every default filled in, durations in milliseconds, the update's path absolute. `file`
 * is the absolute path it came from. Throws `InputError` with every problem of the file and of the options at once.
 */
export function parsePlaybook(text: string, file: string, { set = [], allow = [] }: PlaybookOptions = {}): Playbook {
  const document = withSetValues(readDocument(file, text), set)
  const { value, problems } = checkDocument(document, playbookSchema)
  const crossed = document.value === undefined ? [] : crossCheck(document)
  const all = [...problems, ...crossed, ...checkAllowOptions(allow)]
  if (value === undefined || all.length > 0) throw inputError(file, text, all)
  return toPlaybook(value, { file, allow })
}

function toPlaybook(value: PlaybookDocument, { file, allow }: { file: string; allow: readonly string[] }): Playbook {
  const { name, action, update, rollout, settings, install, services, verify, collect, hooks, notify } = value
  return {
    file,
    name,
    action,
    ...(update !== undefined && {
      update: {
        file: absolutePath(update.file, { file }),
        ...(update.sha256 !== undefined && { sha256: update.sha256.toLowerCase() }),
        ...(update.share !== undefined && { share: update.share }),
      },
    }),
    rollout: toRollout(rollout),
    allow: [...new Set([...value.allow, ...allow])],
    settings: toSettings(settings),
    install: toInstall(install),
    services: { startTimeoutMs: services.start_timeout },
    verify,
    collect,
    hooks,
    notify,
  }
}

function toRollout(rollout: PlaybookDocument['rollout']): Rollout {
  const { order, canary, serial, throttle, between, windows } = rollout
  return {
    ...{ order, canary, serial, throttle, windows },
    maxFail: rollout.max_fail,
    ...(rollout.max_fail_per_batch !== undefined && { maxFailPerBatch: rollout.max_fail_per_batch }),
    onFailure: rollout.on_failure,
    between: { soakMs: between.soak, confirm: between.confirm, health: between.health },
  }
}

function toSettings(settings: PlaybookDocument['settings']): SettingsPolicy {
  return {
    crlCheck: settings.crl_check,
    serverCertificateRevocation: settings.server_certificate_revocation,
    executionPolicy: settings.execution_policy,
    after: settings.after,
  }
}

function toInstall(install: PlaybookDocument['install']): InstallPolicy {
  return {
    timeoutMs: install.timeout,
    stallAfterMs: install.stall_after,
    onStall: install.on_stall,
    runAs: install.run_as,
    log: install.log,
    reboot: install.reboot,
  }
}
