import type { InstallProgress, ScriptArguments } from '../../../scripts/catalog.js'
import type { LabServer } from '../../world/lab-server.js'
import { guardState } from '../guard.js'
import { installerActive, jobProcess, jobState } from '../job-state.js'
import { entriesAfter, onEntry } from '../journal.js'
import { renewLease } from '../lease.js'
import { readLogTail } from '../log-tail.js'
import { armedRun } from '../run-files.js'
import type { ScriptAnswer } from '../script-call.js'

/** A long look: what is new goes out as it comes; it ends with the job, or after WaitSeconds of server time. */
export const getInstallProgress: ScriptAnswer<'Get-InstallProgress'> = async ({ server, args, signal, report }) => {
  const { Run: run } = args
  // Before a guard is armed there is nobody to hold off, and a look must not write.
  if (armedRun(server) === run) {
    try {
      renewLease(server, run)
    } catch (error) {
      // What a look writes down helps later looks; a full disk must not end this one.
      report({ note: `the lease could not be renewed: ${error instanceof Error ? error.message : String(error)}` })
    }
  }
  let told = args.AfterSeq
  const tell = (): void => {
    for (const entry of entriesAfter(server, run, told)) {
      told = entry.seq
      report({ entry })
    }
  }
  tell()
  const leave = onEntry(server, run, tell)
  try {
    if (jobState(server, run) === 'running') await jobEnd(server, run, args.WaitSeconds * 1000, signal)
  } finally {
    leave()
  }
  return progress(server, args)
}

/** Returns when the job has said that it ended, when its process is gone, or after `serverMs`. */
async function jobEnd(server: LabServer, run: string, serverMs: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const stop = (): void => over.abort()
  const leave = onEntry(server, run, () => {
    if (jobState(server, run) !== 'running') stop()
  })
  jobProcess(server, run)?.ended.then(stop, stop)
  try {
    await server.clock.sleep(serverMs, AbortSignal.any([signal, over.signal]))
  } catch (error) {
    if (signal.aborted || !over.signal.aborted) throw error
  } finally {
    leave()
  }
}

function progress(server: LabServer, args: ScriptArguments<'Get-InstallProgress'>): InstallProgress {
  const { Run: run, AfterSeq, LogOffset, LogLine } = args
  // The state first: an entry that comes after it is told by the next look.
  const job = jobState(server, run)
  return {
    entries: entriesAfter(server, run, AfterSeq),
    job,
    installerActive: installerActive(server, run),
    guard: guardState(server, run),
    uptimeMs: server.uptimeMs,
    log: readLogTail(server, run, LogOffset, LogLine),
  }
}
