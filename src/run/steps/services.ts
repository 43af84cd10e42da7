import type { Step } from '../context.js'
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
  if (found.job?.end !== 'out-of-contact') await disarm(context)
  return {
    outcome: result.started.length + result.restored.length > 0 ? 'changed' : 'ok',
    note: `${result.services.running} of ${result.services.expected} running${
      result.started.length === 0 ? '' : `; started ${result.started.join(', ')}`
    }`,
  }
}

/** Takes the guard away; what it still has to put back keeps it armed and is said aloud. */
export async function disarm(context: Parameters<Step>[0]): Promise<void> {
  const { outstanding } = await context.link.call('Unregister-Guard', { Run: context.run })
  for (const change of outstanding) await emitChange(context, 'stuck', change)
}
