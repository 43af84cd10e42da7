import { call, runCases, type Step, type StepResult } from './cases.js'
import {
  accountLogsOff,
  guardLooks,
  guardTask,
  minutesPass,
  reboot,
  registerGuard,
  run,
  searchFiles,
  snapshot,
  stagedPackage,
  startJob,
  stopAndDisable,
} from './steps.js'
import { jobCrl, jobName, jobSid, places, systemSid, type WorldOptions } from './world.js'

const server: WorldOptions = {
  crl: false,
  registry: { [places.crl]: 0x23c00, [places.policy]: 'Restricted', [places.policy32]: 'RemoteSigned' },
  services: [
    { name: 'MSExchangeIS', dependsOn: ['MSExchangeADTopology'] },
    { name: 'MSExchangeADTopology' },
    { name: 'MSExchangePOP3', startType: 'Manual', state: 'Stopped' },
    { name: 'W3SVC', startType: 'AutomaticDelayed' },
  ],
}
const accountPassword = 'Tr0ub4dor&3'
/** An account that installs run as, logged on, with revocation checking on. */
const accountServer: WorldOptions = {
  ...server,
  accounts: { [jobName]: { sid: jobSid, password: accountPassword } },
  registry: {
    ...server.registry,
    [jobCrl]: 0x23c00,
    [`HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\${jobSid}|ProfileImagePath|64`]:
      'C:\\Users\\exjob',
  },
}
/** What msiexec finds when it runs. */
const found = `[void]$global:World.deeds.Add('found ' + $global:World.registry['${places.crl}'] + ' ' + $global:World.registry['${places.policy}'])`
const installer = (end: string) => `${found}; ${stopAndDisable}; ${end}`
const mutexFree: Step = { ps: '$global:World.mutex = $false' }

interface SafetyCase {
  steps: Step[]
  world: WorldOptions
  /** What must be true of the steps' results; each false one is a violation. */
  holds: Record<string, (steps: StepResult[]) => boolean>
}

function at(steps: StepResult[], index: number) {
  const world = steps.at(index)?.world
  if (world === undefined) throw new Error(`no step ${index}`)
  return world
}

const settingsAsBefore = (steps: StepResult[]) => {
  const { registry } = at(steps, -1)
  return (
    registry[places.crl] === 0x23c00 &&
    registry[places.policy] === 'Restricted' &&
    registry[places.policy32] === 'RemoteSigned' &&
    Object.keys(registry).length === 3
  )
}
const startTypesAsBefore = (steps: StepResult[]) =>
  Object.values(at(steps, -1).services)
    .map(service => service.split(' ')[0])
    .join() === 'Automatic,Automatic,Manual,AutomaticDelayed'
const states = (steps: StepResult[]) =>
  Object.values(at(steps, -1).services)
    .map(service => service.split(' ')[1])
    .join()
const said = (steps: StepResult[], words: string) => JSON.stringify(at(steps, -1).journal).includes(words)

/** One run of each kind that matters to a server's safety; small, because every mutant runs all of them. */
const safetyCases = {
  followed: {
    world: { ...server, installer: installer('0') },
    steps: [
      snapshot(),
      registerGuard(),
      startJob(),
      startJob(),
      call('Start-SnapshotService', { Run: run, TimeoutSeconds: 60 }),
      call('Test-Installation', { Run: run, ExpectedBuild: '', PatchCode: '' }),
      call('Unregister-Guard', { Run: run }),
    ],
    holds: {
      'the install finds revocation checking off and scripts allowed': steps =>
        at(steps, -1).deeds.includes(`found ${0x23e00} RemoteSigned`),
      'settings are as before': settingsAsBefore,
      'start types are as before': startTypesAsBefore,
      'what ran runs, and nothing else': steps => states(steps) === 'Running,Running,Stopped,Running',
      'what a service needs starts first': steps =>
        !at(steps, -1).deeds.join().includes('start MSExchangeIS,start MSExchangeADTopology'),
      'one install': steps => at(steps, -1).installs === 1,
      'the guard is gone': steps => at(steps, -1).tasks.length === 0,
      'verify finds no difference': steps => JSON.stringify(steps[5]?.lines).includes('"differing":[]'),
      'a change is written down before it is made': steps => said(steps.slice(0, 3), '"change":"changed"'),
    },
  },
  absent: {
    world: { ...server, registry: {}, installer: installer('0') },
    steps: [snapshot(), registerGuard(), startJob()],
    holds: {
      'the install finds revocation checking off': steps =>
        at(steps, -1).deeds.includes(`found ${0x23e00} RemoteSigned`),
      'absence is back': steps => Object.keys(at(steps, -1).registry).length === 0,
    },
  },
  hardened: {
    world: { ...server, registry: { [places.crl]: 0x100 }, installer: installer('1603') },
    steps: [snapshot(), registerGuard(), startJob()],
    holds: {
      'the other bits stay': steps => at(steps, -1).deeds.includes(`found ${0x300} RemoteSigned`),
      'the exact value is back after a failure': steps => at(steps, -1).registry[places.crl] === 0x100,
      'start types are as before after a failure': startTypesAsBefore,
      'a failure is told': steps => said(steps, '"code":"INSTALL_FAILED"'),
    },
  },
  cut: {
    world: { ...server, installer: installer('break power') },
    steps: [
      snapshot(),
      registerGuard(),
      startJob(),
      minutesPass(60),
      guardLooks,
      reboot(1),
      guardLooks,
      minutesPass(10),
      guardLooks,
    ],
    holds: {
      'the installer is waited for': steps => at(steps, 4).registry[places.crl] === 0x23e00,
      'the lease is waited for': steps => at(steps, 6).registry[places.crl] === 0x23e00,
      'settings are as before': settingsAsBefore,
      'start types are as before': startTypesAsBefore,
      'nothing is started on half-written files': steps => !at(steps, -1).deeds.some(deed => deed.startsWith('start ')),
      'the guard is gone': steps => !at(steps, -1).tasks.includes(guardTask),
    },
  },
  alive: {
    world: {
      ...server,
      installer: installer('0'),
      hangs: 1,
      meanwhile: `$global:World.uptime += 7200000; $global:World.mutex = $false; Invoke-Task '${guardTask}'; ${found}`,
    },
    steps: [snapshot(), registerGuard(), startJob()],
    holds: {
      'the guard leaves a living job alone': steps =>
        at(steps, -1).deeds.filter(deed => deed === `found ${0x23e00} RemoteSigned`).length === 2,
    },
  },
  foreign: {
    world: { ...server, installer: `$global:World.registry['${places.crl}'] = [long]0x10; break power` },
    steps: [snapshot(), registerGuard(), startJob(), mutexFree, minutesPass(11), guardLooks],
    holds: {
      "somebody else's value stays": steps => at(steps, -1).registry[places.crl] === 0x10,
      'and is told': steps => said(steps, '"change":"foreign"'),
    },
  },
  refused: {
    world: { ...server, refuse: 'set *State*=146432', refusal: 'silent' },
    steps: [snapshot(), registerGuard(), startJob(), call('Unregister-Guard', { Run: run })],
    holds: {
      'a value that did not go back is read, and told': steps => said(steps, '"change":"stuck"'),
      'the guard stays': steps => at(steps, -1).tasks.includes(guardTask),
    },
  },
  resumed: {
    world: { ...server, installer: installer('break power') },
    steps: [snapshot(), registerGuard(), startJob(), mutexFree, snapshot(), minutesPass(11), guardLooks],
    holds: {
      'the first snapshot is the truth': startTypesAsBefore,
      'settings are as before': settingsAsBefore,
    },
  },
  second: {
    world: server,
    steps: [snapshot(), registerGuard(), snapshot('other'), registerGuard('other')],
    holds: {
      'a second run is refused': steps => JSON.stringify(steps.at(-1)?.lines).includes('RUN_ARMED'),
      'the first guard stays': steps => at(steps, -1).tasks.join() === guardTask,
    },
  },
  account: {
    world: { ...accountServer, installer: '0' },
    steps: [
      call('Test-JobAccount', { Run: 'first', Account: jobName, AccountPassword: 'wrong' }),
      call('Test-JobAccount', { Run: 'first', Account: jobName, AccountPassword: 'wrong' }),
      snapshot(),
      registerGuard(),
      startJob({ Account: jobName, AccountPassword: accountPassword }),
      searchFiles(accountPassword),
      accountLogsOff,
      call('Unregister-Guard', { Run: run }),
    ],
    holds: {
      'a wrong password is tried once': steps =>
        at(steps, 1).deeds.filter(deed => deed.startsWith('logon of')).length === 1,
      'the password is in no file': steps =>
        at(steps, 5).deeds.at(-1) === 'searched' && !at(steps, 5).deeds.includes('found'),
      'its setting is as before, and SYSTEM’s was left alone': steps =>
        at(steps, 5).registry[jobCrl] === 0x23c00 && !said(steps, `"setting":"crl","scope":"${systemSid}"`),
      'the guard goes, though the account has logged off': steps => at(steps, -1).tasks.length === 0,
    },
  },
  accountCut: {
    world: { ...accountServer, installer: installer('break power') },
    steps: [
      snapshot(),
      registerGuard(),
      startJob({ Account: jobName, AccountPassword: accountPassword }),
      mutexFree,
      accountLogsOff,
      minutesPass(11),
      guardLooks,
    ],
    holds: {
      'its checking is off while it installs': steps => at(steps, 2).registry[jobCrl] === 0x23e00,
      'its setting is back in its profile': steps =>
        said(steps, `"change":"restored","by":"guard","setting":"crl","scope":"${jobSid}"`),
      'nothing stays mounted': steps =>
        !Object.keys(at(steps, -1).registry).some(place => place.includes(`HKU\\exroll-`)),
      'the guard is gone': steps => at(steps, -1).tasks.length === 0,
    },
  },
  unsafe: {
    world: { ...server, folderFault: 'BUILTIN\\Users may write' },
    steps: [snapshot()],
    holds: {
      'a state folder that others can write to is refused': steps =>
        JSON.stringify(steps.at(-1)?.lines).includes('STATE_FOLDER_UNSAFE'),
    },
  },
} satisfies Record<string, SafetyCase>

export type SafetyName = keyof typeof safetyCases

export interface SafetyCheck {
  name: SafetyName
  /** Puts a fault into each script's text before it runs. */
  mutate?: (text: string) => string
}

/** What did not hold in each of these checks; nothing when a server is safe. */
export async function violations(checks: SafetyCheck[], program?: string): Promise<string[][]> {
  const results = await runCases(
    checks.map(({ name, mutate }) => {
      const { world, steps } = safetyCases[name]
      return { world, steps, files: stagedPackage, ...(mutate === undefined ? {} : { mutate }) }
    }),
    program,
  )
  return checks.map(({ name }, index) => {
    const steps = results[index] ?? []
    const faults = steps.flatMap(({ problem }) => (problem === '' ? [] : [problem]))
    const { holds }: SafetyCase = safetyCases[name]
    return [...faults, ...Object.entries(holds).flatMap(([words, hold]) => (hold(steps) ? [] : [words]))]
  })
}

export const safetyNames = Object.keys(safetyCases) as SafetyName[]
