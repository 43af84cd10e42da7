import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { type RunEvent, type StepName, stepNames } from '../../src/events/event.js'
import type { LabState } from '../../src/lab/model.js'
import { jobProcess } from '../../src/lab/model-engine/job-state.js'
import type { LabServer } from '../../src/lab/world/lab-server.js'
import { softwarePublishing, systemSid } from '../../src/lab/world/windows-places.js'
import type { RunControl } from '../../src/run/control.js'
import { startLab } from '../lab/start-lab.js'
import { differences } from './exroll.js'
import { type HereRun, runHere } from './run-here.js'

const name = 'ex-mbx-01'
const revocation = softwarePublishing(systemSid)

/** What a mishap works with. */
interface Scene {
  server: LabServer
  control: RunControl
  run: string
  /** Starts another run at the same servers. */
  another(): void
}

interface Mishap {
  says: string
  /** Why the server is safe all the same. */
  because: string
  happens(scene: Scene): void
  /** Somebody mends what stays broken by itself. */
  mended?(server: LabServer): void
  /** Settings and start types have to be back before anybody mends it; that all is done can be written down only afterwards. */
  safeUnmended?: true
}

/** The rows: what goes wrong. */
const mishaps: Mishap[] = [
  {
    says: 'the orchestrator is gone',
    because:
      'The job is no child of the session and restores by itself; what it has not begun, the guard puts right when its lease is over.',
    happens: ({ control }) => control.leave('the test'),
  },
  {
    says: 'every connection is cut',
    because: 'The job goes on; exroll comes back and reads its journal on from the last entry.',
    happens: ({ server }) => server.network.cut(),
  },
  {
    says: 'the server restarts',
    because:
      'The guard starts with Windows. On files that are half new nothing is started until the install is done again.',
    happens: ({ server }) => void server.reboot().catch(() => undefined),
  },
  {
    says: 'a setting is refused once when it goes back',
    because: 'Every write is read back; the guard tries again at its next look.',
    happens({ server }) {
      let refused = false
      server.registry.deny('the test', (key, _value, data) => {
        const back = key === revocation && typeof data === 'number' && (data & 0x200) === 0
        const deny = back && !refused
        if (deny) refused = true
        return deny
      })
    },
  },
  {
    says: 'a setting is refused for ever when it goes back',
    because: 'It is told as stuck, exit 6; the guard stays armed and cures it once it is allowed.',
    happens({ server }) {
      server.registry.deny('the test', (key, _value, data) => {
        return key === revocation && typeof data === 'number' && (data & 0x200) === 0
      })
    },
    mended: server => void server.registry.lift('the test'),
  },
  {
    says: 'the clock of the server is set a day back',
    because: "Leases and time-outs count the server's uptime.",
    happens: ({ server }) => server.clock.set(-86_400_000),
  },
  {
    says: 'the clock of the server is set a day forward',
    because: 'The same; and what a log says of times is only shown.',
    happens: ({ server }) => server.clock.set(86_400_000),
  },
  {
    says: 'another run begins',
    because: 'While one run has its guard armed, another is refused and told which.',
    happens: ({ another }) => another(),
  },
  {
    says: 'the process of the job is killed',
    because: 'The guard waits for the installer, then puts back what the job had written down before it changed it.',
    happens: ({ server, run }) => jobProcess(server, run)?.kill(),
  },
  {
    says: 'the disk is full for ten minutes',
    because:
      'What cannot be written down is not done. What was done is put back without a word where there is no room for one; the guard goes on when there is.',
    happens({ server }) {
      const { freeBytes } = server.files
      server.files.freeBytes = 0
      void server.clock.sleep(10 * 60_000).then(() => {
        server.files.freeBytes = freeBytes
      })
    },
  },
  {
    says: 'the disk is full and stays full',
    because:
      "Settings and start types go back without room for a word. The installer's exit code has its room before it starts, so that services are started after an install that ended.",
    happens({ server }) {
      server.files.freeBytes = 0
    },
    mended({ files }) {
      files.freeBytes = 24 * 1024 ** 3
    },
    safeUnmended: true,
  },
  {
    says: 'the Task Scheduler is stopped for half an hour',
    because: 'Nothing is changed before a guard is armed; a job that runs restores by itself.',
    happens({ server }) {
      server.tasks.stop()
      void server.clock.sleep(30 * 60_000).then(() => server.tasks.resume())
    },
    mended: server => server.tasks.resume(),
  },
]

/** The columns: before each step, and in its middle. */
interface Moment {
  step: StepName
  middle: boolean
}

const moments: Moment[] = stepNames.flatMap(step => [
  { step, middle: false },
  { step, middle: true },
])

/** Steps whose middle takes a while on the server. Of the others it is when the act is done and its word is not written. */
const long: readonly StepName[] = ['install', 'settings-restore', 'reboot', 'services']

/** Until the server does what the step is about. */
async function middleOf(step: StepName, server: LabServer): Promise<void> {
  const begun = server.changes.writes
  const there = () => {
    if (step === 'install') return server.installerMutex !== undefined
    return step === 'reboot' ? server.network.down : server.changes.writes > begun
  }
  for (let looks = 0; looks < 40 && !there(); looks += 1) await delay(5)
}

/** The guard has nothing to do any more, and the server is up. */
async function settled(server: LabServer): Promise<void> {
  const atWork = () => server.network.down || server.tasks.names.length > 0 || server.installerMutex !== undefined
  const busy = () => atWork() || server.files.freeBytes === 0
  for (let looks = 0; looks < 400 && busy(); looks += 1) await delay(50)
}

/** The same for a guard that cannot write down that it is done. */
async function putBack(found: () => string[]): Promise<void> {
  for (let looks = 0; looks < 400 && found().length > 0; looks += 1) await delay(50)
}

const ofTasks = (text: string): boolean => text.startsWith(`${name} tasks:`)

function endOf(events: readonly RunEvent[]) {
  return events.findLast(event => event.type === 'server.finished')
}

interface Cell {
  /** Differences from before, once nobody follows and the guard is done. */
  unsafe: string[]
  /** The same after resume, and what the server came to. */
  left: string[]
  outcome: string
  installs: number
  attempts: number
  build: string
}

async function cell({ happens, mended, safeUnmended }: Mishap, { step, middle }: Moment): Promise<Cell> {
  const lab = await startLab({
    servers: 1,
    seed: 7,
    timeScale: 900,
    installSeconds: 180,
    faults: [{ name: 'crl-unreachable' }, ...(step === 'reboot' ? [{ name: 'reboot-required' as const }] : [])],
  })
  try {
    const server = lab.lab.server(name)
    const before = lab.lab.state()
    const others: Promise<HereRun>[] = []
    let happened = false
    const first = await runHere({
      inventory: lab.inventory,
      async before(event, control) {
        const announces = middle && !long.includes(step) ? 'step.finished' : 'step.started'
        if (happened || event.type !== announces || event.step !== step) return
        happened = true
        const another = () => others.push(runHere({ inventory: lab.inventory }))
        const act = () => happens({ server, control, run: event.run, another })
        if (middle && long.includes(step)) void middleOf(step, server).then(act)
        else act()
      },
    })
    expect(happened, `the run has no step ${step}`).toBe(true)
    await Promise.all(others)
    const unsafeNow = () => withoutCutServices(differences(before, lab.lab.state(), name), first)
    const unmended = () => unsafeNow().filter(text => !ofTasks(text))
    if (safeUnmended) await putBack(unmended)
    const meanwhile = safeUnmended ? unmended() : []
    mended?.(server)
    await settled(server)
    const unsafe = [...meanwhile, ...unsafeNow()]

    const last = await runHere({ inventory: lab.inventory, resume: first })
    await settled(server)
    const after: LabState = lab.lab.state()
    const installs = after.servers[name]?.installsStarted ?? 0
    const attempts = new Set(
      last.events.flatMap(event => (event.type === 'step.started' && event.step === 'install' ? [event.attempt] : [])),
    ).size
    return {
      unsafe,
      left: differences(before, after, name).filter(text => !text.endsWith('installs were started')),
      outcome: endOf(last.events)?.outcome ?? 'none',
      installs,
      attempts,
      build: after.servers[name]?.build ?? '',
    }
  } finally {
    await lab.dispose()
  }
}

/** Services of an install that was cut short stay stopped on purpose: its files are half new. */
function withoutCutServices(found: string[], { events }: HereRun): string[] {
  const cut = endOf(events)?.outcome !== 'changed'
  return cut ? found.filter(text => !text.endsWith('does not run')) : found
}

const table = fileURLToPath(new URL('../../docs/fault-matrix.md', import.meta.url))
/** Cells that held, `<mishap> <moment>`. */
const safe = new Set<string>()
let tried = 0

const columns = moments.map(moment => ({ ...moment, when: `${moment.middle ? 'in' : 'before'} ${moment.step}` }))

/** The matrix as a page, once all of it was tried. */
function page(): string {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [
    '# What a server is left with, whatever goes wrong and whenever',
    '',
    'Written by `test/journeys/fault-matrix.test.ts`: a whole run at a simulated server, one mishap at one moment. "safe": once the lease of whoever',
    'followed is over, and the installer has ended, every setting and start type is as before, the guard is gone, nothing was installed twice, and',
    '`exroll resume --retry-failed` ends with the server patched and all its services running. "before" is between the journal\'s word that a step',
    'starts and its act; "in" is in its middle: while the installer runs, settings and services come back, the server is down; of a short step, when',
    'its act is done and its word is not written. What a killed process leaves is in `test/journeys/kill-matrix.test.ts`; a job, a call or the guard',
    'cut at any of its Windows calls is in `test/ps-scripts/interrupted.test.ts`.',
    '',
    row(['when', ...columns.map(({ when }) => when)]),
    row(['---', ...columns.map(() => '---')]),
    ...mishaps.map(({ says }) =>
      row([says, ...columns.map(({ when }) => (safe.has(`${says} ${when}`) ? 'safe' : '**UNSAFE**'))]),
    ),
    '',
    ...mishaps.map(({ says, because }) => `- **${says}**: ${because}`),
    '',
  ].join('\n')
}

afterAll(() => {
  if (tried < mishaps.length * columns.length) return
  mkdirSync(dirname(table), { recursive: true })
  writeFileSync(table, page())
})

describe.each(mishaps)('when $says', mishap => {
  it.concurrent.each(columns)(
    '$when, the server is as before within its lease, and a resumed run ends right',
    async moment => {
      tried += 1
      const { unsafe, left, outcome, installs, attempts, build } = await cell(mishap, moment)
      expect(unsafe).toEqual([])
      expect({ left, outcome, build }).toEqual({
        left: [],
        outcome: expect.stringMatching(/^(changed|ok)$/),
        build: '8.1.311.3',
      })
      expect(installs).toBeLessThanOrEqual(Math.max(1, attempts))
      safe.add(`${mishap.says} ${moment.when}`)
    },
  )
})
