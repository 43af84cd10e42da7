import { isSuccess } from '../../diagnosis/codes.js'
import { ScriptError } from '../../errors.js'
import type { ServerContext, Step } from '../context.js'
import { emitChange } from '../setting-events.js'

/**
 * Puts start types back and starts, in dependency order, what ran before; tries again until `services.start_timeout`, because managed
 * services may time out at their first start after a rollup (KB944752). With everything up the guard is taken away.
 */
export const services: Step = async context => {
  const { link, run, playbook, emit, server, found } = context
  const seconds = Math.ceil(playbook.services.startTimeoutMs / 1000)
  const result = await link.call(
    'Start-SnapshotService',
    { Run: run, TimeoutSeconds: seconds },
    {
      timeoutMs: playbook.services.startTimeoutMs + 5 * 60_000,
      onProgress: ({ note, services: summary }) => {
        if (summary !== undefined) void emit({ type: 'service.state', server: server.name, ...summary })
        if (note !== undefined) void emit({ type: 'step.progress', server: server.name, step: 'services', note })
      },
    },
  )
  for (const change of result.restored) await emitChange(context, 'restored', change)
  for (const change of result.stuck) await emitChange(context, 'stuck', change)
  await emit({ type: 'service.state', server: server.name, ...result.services })
  if (result.services.down.length > 0 && found.job?.end === 'interrupted') {
    return {
      outcome: 'failed',
      error: {
        code: 'SERVICES_LEFT_STOPPED',
        message: `left stopped, because old and new files are mixed: ${result.services.down.join(', ')}`,
        hint: 'exroll resume --retry-failed installs the update again and then starts them.',
      },
    }
  }
  if (result.services.down.length > 0) {
    return {
      outcome: 'failed',
      error: {
        code: 'SERVICES_DOWN',
        message: `not running, though they ran before: ${result.services.down.join(', ')}`,
        hint: `${result.errors.map(error => `${error.name}: ${error.message}`).join('; ')} Look at the System event log; the guard stays armed and tries again every five minutes.`,
      },
    }
  }
  if (found.job?.end !== 'out-of-contact' && (await disarm(context))) await setLeftoverAside(context)
  return {
    outcome: result.started.length + result.restored.length > 0 ? 'changed' : 'ok',
    note: `${result.services.running} of ${result.services.expected} running${
      result.started.length === 0 ? '' : `; started ${result.started.join(', ')}`
    }`,
  }
}

/** Takes the guard away; what it still has to put back keeps it armed and is said aloud. True when it is gone. */
export async function disarm(context: ServerContext): Promise<boolean> {
  const { disarmed, outstanding } = await context.link.call('Unregister-Guard', { Run: context.run })
  for (const change of outstanding) await emitChange(context, 'stuck', change)
  return disarmed
}

/**
 * A failed install leaves its Service*.xml behind (exchange.md 0, fact 2). Now that services are as before, the next run must not take
 * it for a patch that never ended.
 */
async function setLeftoverAside({ link, emit, server, found }: ServerContext): Promise<void> {
  const { end, exitCode } = found.job ?? { end: 'ended', exitCode: 0 }
  if (end !== 'ended' || exitCode === null || isSuccess(exitCode)) return
  try {
    const { moved } = await link.call('Move-LeftoverState', {})
    if (moved.length === 0) return
    const note = `set aside what the failed install left: ${moved.join(', ')}`
    await emit({ type: 'step.progress', server: server.name, step: 'services', note })
  } catch (error) {
    if (!(error instanceof ScriptError) || error.code !== 'STATE_IN_USE') throw error
    await emit({ type: 'step.progress', server: server.name, step: 'services', note: error.message })
  }
}
