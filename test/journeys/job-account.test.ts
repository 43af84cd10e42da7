import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { decodeEvents } from '../../src/events/codec.js'
import type { RunEvent } from '../../src/events/event.js'
import type { LabState } from '../../src/lab/model.js'
import { canWatch, filesWith, formsOf, watchProcesses } from '../process-watch.js'
import { applyRollup, differences, exroll, type LabProcess, labUp, run } from './exroll.js'

let lab: LabProcess | undefined
afterEach(async () => {
  await lab?.end()
  lab = undefined
})

const asJob = ['--set', 'install.run_as=job']
const allAtOnce = [
  '--set',
  'rollout.canary=0',
  '--set',
  'rollout.serial=[100%]',
  '--set',
  'rollout.order=[mailbox, cas]',
]
const fleet = ['--servers', '2', '--seed', '7', '--time-scale', '600']

/** The account's SID on a server: it logged on there to run the install. */
function jobSid(state: LabState, server: string): string {
  return Object.keys(state.servers[server]?.crl ?? {}).find(sid => sid.endsWith('-1109')) ?? 'it never logged on'
}

/** A server as it is, without the profile that the account got there by its first logon, if nothing of ours is in it. */
function withoutProfile(state: LabState, name: string): LabState {
  const server = state.servers[name]
  if (server === undefined) return state
  const strip = (values: Record<string, number | null>) =>
    Object.fromEntries(Object.entries(values).filter(([sid, value]) => !(sid.endsWith('-1109') && value === null)))
  return {
    servers: {
      [name]: {
        ...server,
        crl: strip(server.crl),
        serverCertificateRevocation: strip(server.serverCertificateRevocation),
      },
    },
  }
}

function crlEvents(events: RunEvent[], server: string): string[] {
  return events.flatMap(event =>
    (event.type === 'setting.changed' || event.type === 'setting.restored' || event.type === 'setting.stuck') &&
    event.server === server &&
    event.setting === 'crl'
      ? [`${event.type} ${event.scope} ${event.from} ${event.to}`]
      : [],
  )
}

async function until(of: LabProcess, done: (state: LabState) => boolean): Promise<LabState> {
  for (let look = 0; look < 400; look++) {
    const state = await of.state()
    if (done(state)) return state
    await new Promise(resolve => setTimeout(resolve, 150))
  }
  throw new Error('the servers did not come to rest')
}

describe('a run whose installs run as an account', () => {
  it.each(['ssh', 'mixed'])(
    'turns its own revocation checking off and back where it cannot reach the list, over %s',
    async transport => {
      lab = await labUp([...fleet, '--fault', 'crl-unreachable', '--transport', transport, '--install-seconds', '60'])
      const before = await lab.state()
      const ended = await run(lab, asJob)
      expect(ended.exitCode, ended.stderr).toBe(0)
      const after = await lab.state()
      for (const name of Object.keys(after.servers)) {
        const sid = jobSid(after, name)
        expect(crlEvents(ended.events, name)).toEqual([
          `setting.changed ${sid} null ${0x23e00}`,
          `setting.restored ${sid} ${0x23e00} null`,
        ])
        expect(differences(before, withoutProfile(after, name), name)).toEqual([])
        expect(after.servers[name]?.build).toBe('8.1.311.3')
      }
    },
  )

  it('is foretold for the account that exroll logs on with, and changes nothing in a dry run', async () => {
    lab = await labUp([...fleet, '--fault', 'crl-unreachable', '--install-seconds', '0'])
    const before = await lab.state()
    const dry = await run(lab, ['--dry-run', '--set', 'install.run_as=lab'])
    expect(dry.exitCode, dry.stderr).toBe(0)
    const after = await lab.state()
    expect(after).toEqual(before)
    const predicted = dry.events.flatMap(event =>
      event.type === 'setting.predicted' && event.setting === 'crl'
        ? [`${event.server} ${event.scope} ${event.from} ${event.to}`]
        : [],
    )
    const real = await run(lab, ['--set', 'install.run_as=lab'])
    const made = real.events.flatMap(event =>
      (event.type === 'setting.changed' || event.type === 'setting.restored') && event.setting === 'crl'
        ? [`${event.server} ${event.scope} ${event.from} ${event.to}`]
        : [],
    )
    expect(made.length).toBe(4)
    expect(predicted).toEqual(made.toSorted((one, other) => predicted.indexOf(one) - predicted.indexOf(other)))
  })

  it('says in a dry run what only a task of the account can tell, and reaches no further', async () => {
    lab = await labUp([...fleet, '--install-seconds', '0'])
    const before = await lab.state()
    const { stdout, exitCode } = await exroll([
      ...['run', applyRollup, '-i', lab.inventory, '--dry-run', '--ui', 'plain'],
      ...asJob,
    ]).ended
    expect(exitCode).toBe(0)
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /try EXLAB\\exjob with a task that changes nothing: its password and the right to log on as a batch job \[unknown until its first task has run\]/,
    )
    expect(stdout.replace(/\s+/g, ' ')).toContain("[unknown until the job's account is logged on]")
    expect(await lab.state()).toEqual(before)
  })

  it('ends with one refusal for a wrong password, before anything is copied, and tries it on one server only', async () => {
    lab = await labUp([...fleet, '--install-seconds', '0'])
    const inventory = wrongPassword(lab)
    const before = await lab.state()
    const ended = await run({ ...lab, inventory }, [
      ...['--set', 'install.run_as=wrong', '--set', 'rollout.max_fail=100%'],
      ...allAtOnce,
    ])
    expect(ended.exitCode).toBe(2)
    expect(new Set(Object.values(ended.causes))).toEqual(new Set(['job-account-refused']))
    const said = ended.events.flatMap(event =>
      event.type === 'step.finished' && event.error !== undefined
        ? [[event.step, event.error.code, event.error.message]]
        : [],
    )
    expect(said.map(([step, code]) => [step, code])).toEqual([
      ['stage', 'JOB_ACCOUNT_REFUSED'],
      ['stage', 'JOB_ACCOUNT_REFUSED'],
    ])
    expect(said.filter(([, , message]) => message?.startsWith('not tried here') === true)).toHaveLength(1)
    const after = await lab.state()
    for (const name of Object.keys(after.servers)) {
      expect(differences(before, after, name)).toEqual([])
      expect(after.servers[name]?.installsStarted).toBe(0)
    }
  })

  it('is refused with its place before anything is contacted, where the inventory has no such credential', async () => {
    lab = await labUp([...fleet, '--install-seconds', '0'])
    const { exitCode, stderr } = await exroll(['run', applyRollup, '-i', lab.inventory, '--set', 'install.run_as=jobs'])
      .ended
    expect(exitCode).toBe(3)
    expect(stderr).toContain('--set:1:')
    expect(stderr).toContain('the inventory has no credential "jobs", did you mean "job"?')
  })

  it('cut by a restart with exroll gone, is put right by the guard, which mounts the registry of the account', async () => {
    lab = await labUp([
      ...['--servers', '1', '--seed', '7', '--time-scale', '300'],
      ...['--fault', 'crl-unreachable', '--fault', 'reboot-mid-install'],
    ])
    const before = await lab.state()
    const runs = join(lab.folder, 'runs')
    mkdirSync(runs)
    const words = ['run', applyRollup, '-i', lab.inventory, '--ui', 'ndjson', '--yes', '--runs-dir', runs, ...asJob]
    const started = exroll(words)
    await started.says(/"type":"step.started"[^\n]*"step":"install"/)
    started.child.kill('SIGKILL')
    const { stdout } = await started.ended
    const name = 'ex-mbx-01'
    const after = await until(lab, state => Object.values(state.servers).every(({ tasks }) => tasks.length === 0))
    const sid = jobSid(after, name)
    expect(crlEvents(decodeEvents(stdout).events, name)).toEqual([`setting.changed ${sid} null ${0x23e00}`])
    expect(after.servers[name]?.crl[sid]).toBeNull()
    // It was cut: what comes last, the patch's registration, is not there.
    expect(after.servers[name]?.patches).toEqual(before.servers[name]?.patches)
    expect(after.servers[name]?.crl['S-1-5-18']).toBe(before.servers[name]?.crl['S-1-5-18'])
    expect(after.servers[name]?.installsStarted).toBe(1)
  })

  it('whose setting cannot be put back ends with 6, is listed by restore, and cured once it is allowed', async () => {
    lab = await labUp([
      ...['--servers', '1', '--seed', '11', '--time-scale', '20', '--install-seconds', '0'],
      ...['--fault', 'restore-refused'],
    ])
    const name = 'ex-mbx-01'
    const ended = await run(lab, asJob)
    expect(ended.exitCode).toBe(6)
    const sid = jobSid(await lab.state(), name)
    expect(crlEvents(ended.events, name)).toContain(`setting.stuck ${sid} ${0x23e00} null`)
    const shown = await exroll(['restore', '-i', lab.inventory]).ended
    expect(shown.stdout).toContain(`crl ${sid}: 0x23e00 -> absent`)
    await exroll(['lab', 'allow', `restore-refused@${name}`, '--inventory', lab.inventory]).ended
    const cured = await exroll(['restore', '-i', lab.inventory, '--yes']).ended
    expect(cured.exitCode, cured.stdout + cured.stderr).toBe(0)
    const after = await lab.state()
    expect(after.servers[name]?.crl[sid]).toBeNull()
    expect(after.servers[name]?.tasks).toEqual([])
  })

  it.skipIf(!canWatch)(
    `keeps its password off every command line, environment, file, event and word of exroll's${canWatch ? '' : ' (skipped: no /proc here)'}`,
    async () => {
      lab = await labUp([...fleet, '--install-seconds', '0'])
      const secret = readFileSync(`${lab.inventory}.password`, 'utf8').trim()
      const [runs = '', HOME, TMPDIR] = ['runs-secret', 'home', 'tmp'].map(name => {
        const folder = join(lab?.folder ?? '', name)
        mkdirSync(folder)
        return folder
      })
      const words = ['run', applyRollup, '-i', lab.inventory, '--ui', 'ndjson', '--yes', '--runs-dir', runs, ...asJob]
      const started = exroll([...words, '--set', 'rollout.between.soak=0s'], { HOME, TMPDIR })
      const watch = watchProcesses(started.child.pid ?? 0)
      const { exitCode, stdout, stderr } = await started.ended
      const seen = watch.stop()
      expect(exitCode, stderr).toBe(0)
      for (const form of formsOf(secret)) {
        for (const { argv, environment } of seen) expect(argv + environment).not.toContain(form)
        expect(stdout).not.toContain(form)
        expect(stderr).not.toContain(form)
      }
      for (const folder of [runs, HOME ?? '', TMPDIR ?? '']) expect(filesWith(folder, formsOf(secret))).toEqual([])
    },
  )
})

/** The lab's inventory with a credential beside its own, of the same account and with another password. */
function wrongPassword({ inventory, folder }: LabProcess): string {
  writeFileSync(join(folder, 'wrong'), 'not the password\n', { mode: 0o600 })
  const text = readFileSync(inventory, 'utf8').replace(
    /^credentials:\n/m,
    `credentials:\n  wrong: { username: 'EXLAB\\exjob', password: { file: '${join(folder, 'wrong')}' } }\n`,
  )
  const file = join(folder, 'wrong.yaml')
  writeFileSync(file, text)
  return file
}
