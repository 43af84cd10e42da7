import { ScriptError, ToolError } from '../errors.js'
import type { StepOutcome } from '../events/event.js'
import type { InstallProgress, RestoreResult } from '../scripts/catalog.js'
import { loadJobScript } from '../scripts/load.js'
import type { JobEnd, ServerContext } from './context.js'
import { createJobFeed, type JobFeed } from './job-feed.js'
import type { JobStep } from './machine.js'
import { needed } from './needed.js'
import { pause } from './pause.js'
import { emitChange } from './setting-events.js'
import { guard } from './steps/guard.js'

/** Server seconds one look at the job lasts at most; it ends at once when the job does. */
const lookSeconds = 20
const busyMinutes = 30
/** Real time between two tries to restore a server that is still busy, and after which they are given up. */
const lookEveryMs = 2000
const patienceMs = 30 * 60_000

/** rc of a restart that is owed, and of one that the installer began (exchange.md 3.5). */
const rebootCodes = new Set([3010, 1641])

/**
 * Starts the detached job and follows it to its end: settings on, install, settings back. The connection may come and go; the job
 * does not notice. Nothing here ever ends the installer unless the playbook says `on_stall: end`.
 */
export async function runJob(context: ServerContext, attempt: number): Promise<Partial<Record<JobStep, StepOutcome>>> {
  const { found, server, emit } = context
  const script = loadJobScript()
  const feed = createJobFeed({
    context,
    attempt,
    script: { name: 'Invoke-InstallJob', sha256: script.sha256 },
    now: () => performance.now(),
  })
  await emit({
    type: 'step.started',
    server: server.name,
    step: 'settings-on',
    attempt,
    script: 'Invoke-InstallJob',
    sha256: script.sha256,
  })
  // The feed knows the step as started: the journal must hold it before the call that begins the change.
  feed.adopt('settings-on')
  await startJob(context, script)
  const end = await follow(context, feed)
  found.job = {
    end,
    exitCode: feed.exitCode,
    rebootOwed: feed.exitCode !== null && rebootCodes.has(feed.exitCode),
    crlOff: feed.crlOff,
    crlUnreachable: found.readiness?.crl.reachable === false,
  }
  await settle(context, feed, end)
  return feed.ended
}

/**
 * Starts the job. A guard that had found nothing changed and nobody following, because the connection was lost for longer than its lease,
 * has disarmed itself: it is armed once more.
 */
async function startJob(context: ServerContext, script: ReturnType<typeof loadJobScript>): Promise<void> {
  const { link, run, playbook, package: update, found, jobAccount, server } = context
  const { settings, install, services } = playbook
  const start = async () =>
    link.call('Start-InstallJob', {
      Run: run,
      JobScript: script.text,
      JobSha256: script.sha256,
      PackagePath: needed(found.packagePath, 'the staged package'),
      PackageSha256: update.info.sha256,
      LogName: `${update.info.kb?.replace(/^KB/i, '') ?? 'update'}.log`,
      LogSwitch: install.log,
      CrlCheck: settings.crlCheck,
      ServerCertificateRevocation: settings.serverCertificateRevocation,
      ExecutionPolicy: settings.executionPolicy,
      After: settings.after,
      BusyMinutes: busyMinutes,
      ServiceTimeoutSeconds: Math.ceil(services.startTimeoutMs / 1000),
      Account: jobAccount?.username ?? '',
      AccountPassword: (await jobAccount?.password(server)) ?? '',
    })
  try {
    await start()
  } catch (error) {
    if (!(error instanceof ScriptError) || error.code !== 'GUARD_NOT_ARMED') throw error
    await guard(context)
    await start()
  }
}

/**
 * Takes over what a job came to that has ended, without telling its steps again: the run goes on behind it. Throws `ScriptError`
 * JOB_NOT_ENDED while it still runs, or when there is none.
 */
export async function adoptJob({ link, run, found, server }: ServerContext): Promise<void> {
  const look = await link.call('Get-InstallProgress', {
    Run: run,
    AfterSeq: 0,
    LogOffset: 0,
    LogLine: 0,
    WaitSeconds: 0,
  })
  if (look.job === 'running' || look.job === 'none') {
    throw new ScriptError(
      look.job === 'none' ? `${server.name} has no install of this run` : `the install on ${server.name} still runs`,
      { code: 'JOB_NOT_ENDED', hint: 'Resume without --from-step: the install is looked for and followed to its end.' },
    )
  }
  const exitCode = look.entries.findLast(entry => entry.type === 'exit')?.code ?? null
  found.job = {
    end: look.job === 'ended' ? 'ended' : 'interrupted',
    exitCode,
    rebootOwed: exitCode !== null && rebootCodes.has(exitCode),
    crlOff: look.entries.some(
      entry => entry.type === 'setting' && entry.setting === 'crl' && entry.change === 'changed',
    ),
    crlUnreachable: false,
  }
}

async function follow(
  { link, run, playbook, server, emit, control }: ServerContext,
  feed: JobFeed,
): Promise<JobEnd['end']> {
  const { timeoutMs, stallAfterMs, onStall } = playbook.install
  let log = { offset: 0, line: 0 }
  let firstUptime: number | undefined
  let lastUptime = Number.NEGATIVE_INFINITY
  let askedToEnd = false
  let action = ''
  let queue = Promise.resolve()
  for (;;) {
    let look: InstallProgress
    try {
      look = await link.call(
        'Get-InstallProgress',
        { Run: run, AfterSeq: feed.lastSeq, LogOffset: log.offset, LogLine: log.line, WaitSeconds: lookSeconds },
        {
          timeoutMs: 10 * 60_000,
          onProgress: ({ entry }) => {
            if (entry !== undefined) queue = queue.then(() => feed.take([entry]))
          },
        },
      )
    } catch (error) {
      await queue
      if (!(error instanceof ToolError)) throw error
      await emit({
        type: 'step.progress',
        server: server.name,
        step: feed.open ?? 'install',
        note: `contact lost: ${error.message}`,
      })
      return 'out-of-contact'
    }
    await queue
    await feed.take(look.entries)
    if (look.log !== null) {
      log = look.log
      for (const { line, text } of look.log.tail) {
        await emit({ type: 'log.line', server: server.name, log: 'msi', line, text })
      }
      if (look.log.action !== null && look.log.action !== action && feed.open === 'install') {
        action = look.log.action
        await emit({
          type: 'step.progress',
          server: server.name,
          step: 'install',
          note: `${action}, log line ${log.line}`,
        })
      }
    }
    if (look.job === 'ended') return 'ended'
    if (look.job === 'lost' || look.job === 'none') return 'interrupted'
    // A look takes its time on the server: one that answers at once, or whose clock stands still, would be asked without a pause.
    if (look.uptimeMs - lastUptime < lookEveryMs) await pause(lookEveryMs, control.leaving)
    lastUptime = look.uptimeMs
    // The server's own clock counts: it knows when the log last grew, whatever the connection did meanwhile.
    firstUptime ??= look.uptimeMs
    if (look.uptimeMs < firstUptime) firstUptime = look.uptimeMs
    const overdue = look.uptimeMs - firstUptime > timeoutMs
    const quiet = feed.open === 'install' && look.log !== null && look.log.quietMs > stallAfterMs
    if (!overdue && !quiet) continue
    if (onStall === 'end' && !askedToEnd) {
      askedToEnd = true
      firstUptime = look.uptimeMs
      await link.call('Stop-InstallJob', { Run: run })
      await emit({ type: 'step.progress', server: server.name, step: 'install', note: 'asked the installer to end' })
      continue
    }
    if (onStall === 'end' && !overdue) continue
    return quiet ? 'stalled' : 'timed-out'
  }
}

/**
 * Puts back what the job left. After a restart nobody can tell at once whether an installer goes on: the server says that it is busy until
 * its log has been quiet for long enough (faults.md, the guard, condition 2). Each look renews the lease.
 */
async function restoreWhenQuiet({ link, run, playbook, control }: ServerContext): Promise<RestoreResult> {
  const giveUpAt = performance.now() + patienceMs
  for (;;) {
    try {
      return await link.call('Restore-ServerState', {
        Run: run,
        ServiceTimeoutSeconds: Math.ceil(playbook.services.startTimeoutMs / 1000),
      })
    } catch (error) {
      const busy = error instanceof ScriptError && error.code === 'RESTORE_BUSY'
      if (!busy || performance.now() > giveUpAt) throw error
    }
    await pause(lookEveryMs, control.leaving)
    await link.call('Get-InstallProgress', { Run: run, AfterSeq: 0, LogOffset: 0, LogLine: 0, WaitSeconds: 0 })
  }
}

/** Gives the open step its end where the job did not, and takes care of an interrupted one. */
async function settle(context: ServerContext, feed: JobFeed, end: JobEnd['end']): Promise<void> {
  const minutes = (ms: number) => Math.round(ms / 60_000)
  const { install } = context.playbook
  const armed = 'The guard stays armed: it restores settings and services once the installer has ended.'
  switch (end) {
    case 'ended':
      // A job that ended without saying how a step ended was cut short inside it.
      return feed.close('failed', {
        code: 'JOB_INCOMPLETE',
        message: 'the job on the server ended before this step did',
      })
    case 'stalled':
      return feed.close('unknown', {
        code: 'INSTALL_STALLED',
        message: `the installer's log has not grown for ${minutes(install.stallAfterMs)} minutes; it still runs, and nothing was killed`,
        hint: `${armed} Look at the last lines of the log.`,
      })
    case 'timed-out':
      return feed.close('unknown', {
        code: 'INSTALL_TIMEOUT',
        message: `the installer still runs after ${minutes(install.timeoutMs)} minutes; nothing was killed`,
        hint: armed,
      })
    case 'out-of-contact':
      context.found.cause ??= 'contact-lost'
      return feed.close('unknown', {
        code: 'CONTACT_LOST',
        message: 'the server could not be reached again while its install ran',
        hint: `${armed} Look at the server, then run again.`,
      })
    case 'interrupted': {
      await feed.close('failed', {
        code: 'INSTALL_INTERRUPTED',
        message: 'the job on the server is gone without an end: a restart, or it was killed',
        hint: 'Settings and start types are put back now; the log ends where it was cut.',
      })
      const { name } = context.server
      await context.emit({
        type: 'step.started',
        server: name,
        step: 'settings-restore',
        attempt: context.attempt,
        script: 'Restore-ServerState',
      })
      const started = performance.now()
      const result = await restoreWhenQuiet(context)
      for (const change of result.restored) await emitChange(context, 'restored', change)
      for (const change of result.stuck) await emitChange(context, 'stuck', change)
      await context.emit({
        type: 'step.finished',
        server: name,
        step: 'settings-restore',
        outcome: result.stuck.length > 0 ? 'failed' : result.restored.length > 0 ? 'changed' : 'ok',
        ms: Math.round(performance.now() - started),
      })
      feed.ended['settings-restore'] = result.stuck.length > 0 ? 'failed' : 'changed'
      return
    }
  }
}
