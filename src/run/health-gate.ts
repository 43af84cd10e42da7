import type { Playbook } from '../playbook/model.js'
import type { RunPackage } from './context.js'
import type { Link } from './link.js'

/** What is wrong with a patched server before the next batch may start; undefined when it is well. */
export async function unhealthy(
  link: Link,
  { run, package: update }: { run: string; package: RunPackage },
  health: Playbook['rollout']['between']['health'],
): Promise<string | undefined> {
  const state = await link.call('Test-Installation', {
    Run: run,
    ExpectedBuild: update.info.build ?? '',
    PatchCode: update.info.patchCode,
  })
  if (health.includes('services') && state.services.down.length > 0) {
    return `not running: ${state.services.down.join(', ')}`
  }
  if (health.includes('owa') && state.owaErrors.length > 0) return `OWA: ${state.owaErrors.join(' | ')}`
  return undefined
}
