import { z } from 'zod'
import type { SettingName } from '../events/event.js'
import type {
  InstallProgress,
  JobEntry,
  MissingCacheFile,
  ScriptName,
  ScriptProgress,
  ScriptResults,
  ServiceStateName,
  StartType,
} from './catalog.js'

/** One of a fixed set of words; one that is not known is a matter of whoever uses it. */
const word = <T extends string>() => z.custom<T>(value => typeof value === 'string')
const text = z.string()
const texts = z.array(text)
const textOrNull = z.union([text, z.null()])
const number = z.number()
const numberOrNull = z.union([number, z.null()])
const flag = z.boolean()
const flagOrNull = z.union([flag, z.null()])

const settingChange = z.object({
  setting: word<SettingName>(),
  scope: text,
  from: z.union([text, number, z.null()]),
  to: z.union([text, number, z.null()]),
})
const settingChanges = z.array(settingChange)
const serviceSummary = z.object({ running: number, expected: number, down: texts })
const services = z.array(
  z.object({
    name: text,
    displayName: text,
    startType: word<StartType>(),
    state: word<ServiceStateName>(),
    dependsOn: texts,
  }),
)
const accounts = z.record(text, numberOrNull)
const settings = z.object({
  crl: accounts,
  serverCertificateRevocation: accounts,
  executionPolicy: z.object({
    MachinePolicy: textOrNull,
    UserPolicy: textOrNull,
    CurrentUser: textOrNull,
    LocalMachine: textOrNull,
    LocalMachine32: textOrNull,
  }),
  installerLogging: z.object({ logging: textOrNull, debug: numberOrNull }).nullable(),
})

/** Kinds of lines of the journal on the server; one of another kind is passed over by who reads them. */
const jobEntries: Readonly<Record<string, z.ZodType>> = {
  step: z.object({
    step: text,
    status: text,
    outcome: text.optional(),
    error: z.object({ code: text, message: text }).optional(),
  }),
  setting: settingChange.extend({ change: text, by: text }),
  note: z.object({ text }),
  exit: z.object({ code: number }),
  services: serviceSummary,
  ended: z.object({ exitCode: numberOrNull }),
  guard: z.object({ action: text }),
}
const entryHead = z.object({ seq: number, at: text, type: text })
const jobEntry = z.custom<JobEntry>(value => {
  const head = entryHead.safeParse(value)
  return head.success && (jobEntries[head.data.type]?.safeParse(value).success ?? true)
})

const fact = z.object({
  computerName: text,
  osVersion: text,
  powershellVersion: text,
  now: text,
  uptimeMs: number,
  bootId: text,
  logon: z.object({ user: text, sid: text, elevated: flag }),
  jobAccount: z
    .object({ name: text, sid: textOrNull, administrator: flagOrNull, mounted: flag, storesPasswords: flag })
    .nullable(),
  exchange: z
    .object({
      generation: text,
      installPath: text,
      build: text,
      architecture: word<'x64' | 'x86'>(),
      productCode: text,
      roles: texts,
    })
    .nullable(),
  updates: z.array(z.object({ patchCode: text, displayName: text, kb: textOrNull, interim: flag })),
  settings,
  services,
  cluster: z
    .object({ type: text, name: text, nodes: texts, activeNode: text, isActive: flag, healthy: flag })
    .nullable(),
})

const readiness = z.object({
  elevated: flag,
  logonNote: text,
  freeBytes: number,
  pendingReboot: texts,
  leftoverState: texts,
  missingCache: z.array(
    z.object({
      kind: word<MissingCacheFile['kind']>(),
      path: text,
      code: text,
      packageName: textOrNull,
      displayName: textOrNull,
    }),
  ),
  registration: z.object({ productReadable: flag, danglingPatches: texts }),
  armedRun: textOrNull,
  installerBusy: flag,
  crl: z.object({ reachable: flagOrNull, detail: text }),
  staged: flag,
})

const installProgress = z.object({
  entries: z.array(jobEntry),
  job: word<InstallProgress['job']>(),
  installerActive: flag,
  guard: word<InstallProgress['guard']>(),
  uptimeMs: number,
  log: z
    .object({
      bytes: number,
      offset: number,
      line: number,
      tail: z.array(z.object({ line: number, text })),
      action: textOrNull,
      quietMs: number,
    })
    .nullable(),
})

const leftover = z.object({
  runs: z.array(
    z.object({
      run: text,
      armed: flag,
      busy: text,
      outstanding: settingChanges,
      down: texts,
      tasks: texts,
      bytes: number,
    }),
  ),
  packages: z.array(z.object({ path: text, bytes: number, neededBy: text })),
  leftoverState: texts,
})

/** What each script answers, as `ScriptResults` has it; what an answer has besides is let through. */
export const answerSchemas: { readonly [N in ScriptName]: z.ZodType<ScriptResults[N]> } = {
  'Get-ServerFact': fact,
  'Test-ServerReadiness': readiness,
  'Initialize-Package': z.object({ present: flag, uploadPath: text, path: text }),
  'Complete-Package': z.object({ path: text, sha256: text }),
  'Copy-SharedPackage': z.object({ copied: flag, bytes: number }),
  'New-Snapshot': z.object({ created: flag, services, settings }),
  'Register-Guard': z.object({ armed: flag, tasks: texts }),
  'Test-JobAccount': z.object({ sid: text }),
  'Unregister-Guard': z.object({ disarmed: flag, outstanding: settingChanges, services: serviceSummary }),
  'Start-InstallJob': z.object({ started: flag, logPath: text }),
  'Get-InstallProgress': installProgress,
  'Stop-InstallJob': z.object({ asked: flag }),
  'Restore-ServerState': z.object({
    restored: settingChanges,
    stuck: settingChanges,
    foreign: settingChanges,
    services: serviceSummary,
    disarmed: flag,
  }),
  'Start-SnapshotService': z.object({
    restored: settingChanges,
    stuck: settingChanges,
    services: serviceSummary,
    started: texts,
    errors: z.array(z.object({ name: text, message: text })),
  }),
  'Restart-Server': z.object({ bootId: text }),
  'Get-BootState': z.object({ bootId: text, uptimeMs: number, ready: flag }),
  'Test-DirectoryReach': z.object({ reachable: flagOrNull, detail: text }),
  'Move-ClusteredServer': z.object({ moved: flag, activeNode: text, healthy: flag }),
  'Test-Installation': z.object({
    build: textOrNull,
    patchRegistered: flag,
    services: serviceSummary,
    differing: settingChanges,
    owaErrors: texts,
  }),
  'Get-CollectableLog': z.object({
    files: z.array(z.object({ kind: text, name: text, path: text, bytes: number, sha256: text })),
  }),
  'Get-ServerLeftover': leftover,
  'Move-LeftoverState': z.object({ moved: texts }),
  'Remove-ServerLeftover': z.object({ removed: texts, kept: z.array(z.object({ name: text, why: text })) }),
}

export const progressSchema: z.ZodType<ScriptProgress> = z.object({
  note: text.exactOptional(),
  percent: number.exactOptional(),
  services: serviceSummary.exactOptional(),
  entry: jobEntry.exactOptional(),
})
