import { UsageError } from '../errors.js'
import type { Playbook } from './model.js'

/**
 * Better no than half: throws `UsageError` NOT_AVAILABLE that names everything of the manual that this playbook asks for and this version
 * does not carry out. Such a playbook parses and validates; only `run` refuses it.
 */
export function checkAvailable(playbook: Playbook): void {
  const asked = notAvailable(playbook)
  if (asked.length === 0) return
  throw new UsageError(`${playbook.file} asks for what this version of exroll does not do: ${asked.join(', ')}`, {
    code: 'NOT_AVAILABLE',
    hint:
      playbook.action === 'apply'
        ? 'Leave it out of the playbook; nothing was contacted.'
        : 'playbooks/apply-rollup.yaml is what this version carries out; nothing was contacted.',
  })
}

/** The keys and values in question, in the order of the manual. */
function notAvailable({ action, rollout, install, hooks, notify }: Playbook): string[] {
  return [
    action !== 'apply' && `action: ${action}`,
    rollout.windows.length > 0 && 'rollout.windows',
    install.reboot === 'before' && 'install.reboot: before',
    Object.keys(hooks).length > 0 && 'hooks',
    Object.keys(notify).length > 0 && 'notify',
  ].filter(entry => entry !== false)
}
