import { askToEnd, startInstaller } from '../msiexec/msiexec.js'
import { unlessFull } from '../world/file-system.js'
import type { LabServer } from '../world/lab-server.js'
import type { LabProcess } from '../world/process-table.js'
import { systemSid } from '../world/windows-places.js'
import { isReadable } from './account-registry.js'
import { installerActive } from './job-state.js'
import { addEntry, addFault, addNote, unlessJournalFails } from './journal.js'
import { leaseHolds } from './lease.js'
import { makeRecordedChange } from './recorded-change.js'
import { exitFile, installEnded, restoreSettings } from './restore.js'
import { runFile } from './run-files.js'
import { readSnapshot, takeAccountSnapshot } from './snapshot.js'
import { restoreStartTypes, serviceSummary } from './snapshot-services.js'
import { startRecordedServices } from './start-services.js'
import { type WantedPolicy, wantedChanges } from './wanted-settings.js'

/** What the job was started with. */
export interface JobRequest extends WantedPolicy {
  run: string
  /** Of the account that it runs as. */
  sid: string
  packagePath: string
  logName: string
  busyMinutes: number
  serviceTimeoutSeconds: number
}

interface StepError {
  code: string
  message: string
}

/** rc of success: done, done and a restart is owed, done and a restart began (exchange.md 3.5). */
const successCodes = new Set([0, 3010, 1641])
/** Another install is running (exchange.md 3.5). */
const busyCode = 1618
const busyPauseMs = 60_000
/** Signs of the longest exit code, which is a 32-bit number. */
const exitWidth = 12
/** What a process that was ended from outside leaves as its exit code. */
const killedCode = 1

/** The request to end the installer (`on_stall: end`). */
export function stopFile(run: string): string {
  return runFile(run, 'job.stop')
}

/**
 * The detached job: settings on, install, settings back, services, end (architecture.md; the order in which src/run/job-feed.ts reads
 * it). Each act is in the server's journal before it happens. Returns the task's exit code.
 */
export async function runInstallJob(server: LabServer, request: JobRequest, signal: AbortSignal): Promise<number> {
  const { run } = request
  let exitCode: number | null = null
  try {
    const refused = settingsOn(server, request)
    exitCode = refused === undefined ? await install(server, request, signal) : skipInstall(server, run)
  } catch (error) {
    signal.throwIfAborted()
    addFault(server, run, 6, 'the job was cut short', error)
    // An installer that still runs is the guard's to wait for.
    if (installerActive(server, run)) return 0
  }
  settingsRestore(server, run)
  await services(server, request, signal)
  addEntry(server, run, { type: 'ended', exitCode })
  return 0
}

function settingsOn(server: LabServer, request: JobRequest): StepError | undefined {
  const { run, sid } = request
  addEntry(server, run, { type: 'step', step: 'settings-on', status: 'started' })
  let error: StepError | undefined
  if (!isReadable(server, sid)) {
    const message = `the registry of ${sid} is not mounted, though its task runs: Windows could not load its profile`
    error = { code: 'SETTING_REFUSED', message }
  } else if (sid !== systemSid) takeAccountSnapshot(server, run, sid)
  const wanted = error === undefined ? wantedChanges(server, request, sid) : []
  for (const { change, goal } of wanted) {
    const what = `${change.setting} ${change.scope}`
    try {
      if (!makeRecordedChange(server, run, change, goal)) {
        error = { code: 'SETTING_REFUSED', message: `${what} did not keep its new value` }
      }
    } catch (cause) {
      error = { code: 'SETTING_REFUSED', message: `${what}: ${cause instanceof Error ? cause.message : String(cause)}` }
    }
    if (error !== undefined) break
  }
  addEntry(server, run, {
    type: 'step',
    step: 'settings-on',
    status: 'finished',
    outcome: error !== undefined ? 'failed' : wanted.length > 0 ? 'changed' : 'ok',
    ...(error === undefined ? {} : { error }),
  })
  return error
}

function skipInstall(server: LabServer, run: string): null {
  addNote(server, run, 'the install was not started: a setting it needs could not be changed')
  return null
}

async function install(server: LabServer, request: JobRequest, signal: AbortSignal): Promise<number> {
  const { run } = request
  server.files.write(exitFile(run), '?'.padEnd(exitWidth))
  addEntry(server, run, { type: 'step', step: 'install', status: 'started' })
  const exitCode = await installUntilFree(server, request, signal)
  server.files.write(exitFile(run), String(exitCode).padEnd(exitWidth))
  addEntry(server, run, { type: 'exit', code: exitCode })
  const ok = successCodes.has(exitCode)
  addEntry(server, run, {
    type: 'step',
    step: 'install',
    status: 'finished',
    outcome: ok ? 'changed' : 'failed',
    ...(ok ? {} : { error: { code: 'INSTALL_FAILED', message: `msiexec ended with ${exitCode}` } }),
  })
  return exitCode
}

/** A busy installer is waited for; nothing else is ever tried again. */
async function installUntilFree(
  server: LabServer,
  { run, sid, packagePath, logName, busyMinutes }: JobRequest,
  signal: AbortSignal,
): Promise<number> {
  const giveUpAt = server.uptimeMs + busyMinutes * 60_000
  for (let said = false; ; said = true) {
    const installer = startInstaller(server, { packagePath, logPath: runFile(run, logName), sid })
    const exitCode = await endOf(server, run, installer)
    signal.throwIfAborted()
    if (exitCode !== busyCode || server.uptimeMs >= giveUpAt || server.files.exists(stopFile(run))) return exitCode
    if (!said) addNote(server, run, `another installation is running (1618); waiting up to ${busyMinutes} minutes`)
    await server.clock.sleep(busyPauseMs, signal)
  }
}

/** Which installer is this run's, kept so that a request to end it finds it. */
async function endOf(server: LabServer, run: string, installer: LabProcess): Promise<number> {
  unlessFull(() => server.files.write(runFile(run, 'job.installer'), `${server.bootId} ${installer.pid}`))
  if (server.files.exists(stopFile(run))) askToEnd(installer)
  return (await installer.ended) ?? killedCode
}

function settingsRestore(server: LabServer, run: string): void {
  unlessJournalFails(server, run, () =>
    addEntry(server, run, { type: 'step', step: 'settings-restore', status: 'started' }),
  )
  const settings = restoreSettings(server, run, 'job')
  const startTypes = restoreStartTypes(server, run, 'job', readSnapshot(server, run))
  const stuck = [...settings.stuck, ...startTypes.stuck]
  const restored = settings.restored.length + startTypes.restored.length
  const named = stuck.map(({ setting, scope }) => `${setting} ${scope}`).join(', ')
  addEntry(server, run, {
    type: 'step',
    step: 'settings-restore',
    status: 'finished',
    outcome: stuck.length > 0 ? 'failed' : restored > 0 ? 'changed' : 'ok',
    ...(stuck.length === 0
      ? {}
      : { error: { code: 'SETTING_STUCK', message: `could not be put back: ${named}; the guard tries again` } }),
  })
}

/** Whoever follows starts the services, after a restart that may be owed; with nobody there the job does. */
async function services(
  server: LabServer,
  { run, serviceTimeoutSeconds }: JobRequest,
  signal: AbortSignal,
): Promise<void> {
  const snapshot = readSnapshot(server, run)
  if (!leaseHolds(server, run) && installEnded(server, run)) {
    await startRecordedServices(server, snapshot, {
      run,
      by: 'job',
      timeoutSeconds: serviceTimeoutSeconds,
      again: false,
      signal,
    })
  }
  addEntry(server, run, { type: 'services', ...serviceSummary(server, snapshot) })
}
