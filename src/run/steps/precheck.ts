import { defaultServices } from '../../products/services.js'
import type { Readiness, ServerFact } from '../../scripts/catalog.js'
import type { ServerContext, Step } from '../context.js'
import { needed } from '../needed.js'
import { precheck as decide } from '../precheck/precheck.js'
import { isOwnAttempt } from '../prior.js'

/** Asks the server for what could go wrong and decides; each block is an event, let through or not. */
export const precheck: Step = async context => {
  const { link, found, run, server, playbook, emit } = context
  if (context.jobStarted && (await isRunThere(context))) {
    return { outcome: 'ok', note: 'its job was started before; it is looked for' }
  }
  const fact = needed(found.fact, 'facts')
  const update = context.package.info
  let readiness = await ask(context)
  if (readiness.armedRun !== null && readiness.armedRun !== run && isOwnAttempt(readiness.armedRun, run)) {
    // An earlier attempt of this run still has something to put back: that comes before anything new.
    await link.call('Restore-ServerState', {
      Run: readiness.armedRun,
      ServiceTimeoutSeconds: Math.ceil(playbook.services.startTimeoutMs / 1000),
    })
    await link.call('Unregister-Guard', { Run: readiness.armedRun })
    readiness = await ask(context)
  }
  if (context.attempt > 1 && readiness.leftoverState.length > 0 && readiness.armedRun === null) {
    // The attempt before this one was cut short and put right since: what its installer saved must not be taken for the truth.
    await link.call('Move-LeftoverState', {})
    readiness = await ask(context)
  }
  found.readiness = readiness
  const result = decide(
    { run, fact, readiness, package: update, disabledByAccident: disabledByAccident(fact) },
    { allow: playbook.allow, server: server.name },
  )
  for (const { block, message, remedy, allowed } of result.blocks) {
    await emit({ type: 'precheck.blocked', server: server.name, block, message, remedy, allowed })
  }
  found.letThrough = result.blocks.filter(block => block.allowed).map(block => block.block)
  found.note = result.note
  switch (result.decision) {
    case 'go':
      return { outcome: 'ok', note: result.note }
    case 'current':
      return { outcome: 'skipped', note: result.note }
    case 'blocked': {
      const [first] = result.blocks.filter(block => !block.allowed)
      found.cause = needed(first, 'a block').block
      return {
        outcome: 'failed',
        note: result.note,
        error: {
          code: 'PRECHECK_BLOCKED',
          message: needed(first, 'a block').message,
          hint: needed(first, 'a block').remedy,
        },
      }
    }
  }
}

/**
 * The server knows of the run whose job an earlier process may have started. Where it does not, the run's folder was taken away since
 * (`exroll cleanup`): the server may be patched by now, and is asked like any other. A guard that was armed is in the run's journal there,
 * also while the call that starts the job is on its way.
 */
async function isRunThere({ link, run }: ServerContext): Promise<boolean> {
  const nothingRead = { AfterSeq: 0, LogOffset: 0, LogLine: 0, WaitSeconds: 0 }
  const { job, guard } = await link.call('Get-InstallProgress', { Run: run, ...nothingRead })
  return job !== 'none' || guard !== 'none'
}

function ask({ link, package: { info } }: ServerContext): Promise<Readiness> {
  return link.call('Test-ServerReadiness', {
    PackageName: info.name,
    PackageSha256: info.sha256,
    PackageBytes: info.bytes,
    PatchCode: info.patchCode,
    ProductCodes: info.productCodes,
  })
}

/** Services that are Disabled though the product starts them by itself. */
export function disabledByAccident(fact: ServerFact): Record<string, string> {
  if (fact.exchange === null) return {}
  const defaults = new Map(
    defaultServices(fact.exchange.generation, fact.exchange.roles).map(service => [
      service.name.toLowerCase(),
      service.startType,
    ]),
  )
  const found: Record<string, string> = {}
  for (const service of fact.services) {
    const startType = defaults.get(service.name.toLowerCase())
    if (service.startType === 'Disabled' && startType?.startsWith('Automatic')) found[service.name] = startType
  }
  return found
}
