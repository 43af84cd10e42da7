import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { Command } from 'commander'
import { exitCodes } from '../errors.js'
import type { RunState } from '../events/state.js'
import { Lab } from '../lab/lab.js'
import type { LabState } from '../lab/model.js'
import { packageFile } from '../package-file.js'
import { makePlan } from '../plan/make-plan.js'
import { type DemoStage, demoOnTerminal, demoPlainly } from './demo-stage.js'
import type { CommandIo } from './io.js'
import { chooseUi } from './launch.js'
import { readInventory, readPlaybook } from './read-input.js'
import { runsFolder } from './run-folder.js'
import { readUpdate } from './update-file.js'

/** What the demo does to its fleet, what the toggles cure, and the one server that is meant to fail. */
const script = {
  seed: 2007,
  servers: 8,
  faults: [
    { name: 'crl-unreachable', server: 'ex-hub-01' },
    { name: 'execution-policy', server: 'ex-cas-02' },
    { name: 'missing-cached-patch', server: 'ex-um-01' },
  ],
  failing: { server: 'ex-um-01', cause: 'missing-cached-patch' },
} as const

/** Server minutes pass in fractions of a second. */
const timeScale = 300

export function register(program: Command, io: CommandIo): void {
  program
    .command('demo')
    .description('a lab fleet with a few faults and a real run over it')
    .option('--runs-dir <folder>', 'where the run folder goes (default: EXROLL_RUNS, else ./.exroll/runs)')
    .action((options: { runsDir?: string }) => demo(io, options))
}

async function demo(io: CommandIo, options: { runsDir?: string }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'exroll-demo-'))
  const lab = await Lab.start({ ...script, faults: [...script.faults], timeScale })
  try {
    const passwordFile = join(folder, 'inventory.yaml.password')
    const inventoryFile = join(folder, 'inventory.yaml')
    writeFileSync(passwordFile, `${lab.password}\n`, { mode: 0o600 })
    writeFileSync(inventoryFile, lab.inventoryYaml({ passwordFile }))
    const playbookFile = packageFile('playbooks/apply-rollup.yaml')
    const allow = [`${script.failing.cause}@${script.failing.server}`]
    const set = ['rollout.max_fail=1']
    const playbook = readPlaybook(playbookFile, { set, allow })
    const { servers } = readInventory(inventoryFile)
    const words = `${relative(io.cwd, playbookFile)} \\\n    -i ${inventoryFile} \\\n    --allow ${allow.join(' ')} --set ${set.join(' ')}`
    const stage: DemoStage = {
      record: { plan: makePlan({ servers, playbook }), servers, playbook, update: readUpdate(playbook) },
      runs: runsFolder(options.runsDir, io.env, io.cwd),
      words,
      failing: script.failing.server,
      io,
    }
    introduce(text => io.stderr.write(`${text}\n`))
    const before = lab.state()
    const run = chooseUi('auto', io) === 'dashboard' ? await demoOnTerminal(stage) : await demoPlainly(stage)
    // Stopped, or left: what the script says of the end does not apply.
    if (run.state.finished === null || run.exitCode === exitCodes.stopped) {
      io.setExitCode(run.exitCode)
      return
    }
    const surprises = [...surprisingOutcomes(run.state), ...leftChanged(before, lab.state())]
    for (const text of surprises) io.stderr.write(`NOT AS SCRIPTED: ${text}\n`)
    if (surprises.length === 0) conclude(io, run.folder)
    io.setExitCode(
      surprises.length === 0 ? exitCodes.ok : run.exitCode === exitCodes.ok ? exitCodes.failed : run.exitCode,
    )
  } finally {
    await lab.dispose()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Lines that fit a terminal of 80 columns. */
function introduce(say: (text: string) => void): void {
  say('Eight simulated Exchange 2007 SP1 servers are up on 127.0.0.1, each behind its')
  say('own real SSH port.')
  say('  ex-hub-01  has no way to the CRL: with checking on, its install would hang')
  say('  ex-cas-02  has the execution policy Restricted: it would fail with 1603')
  say('  ex-um-01   lost a cached .msp from C:\\Windows\\Installer; precheck would')
  say('             refuse it, and is told to let it through')
  say('exroll now rolls Update Rollup 4 over them, batch by batch. The first two should')
  say('end well, the third should fail and be explained. One second here is five')
  say('minutes there.\n')
}

function surprisingOutcomes(state: RunState): string[] {
  const { failing } = script
  return state.order.flatMap(name => {
    const server = state.servers[name]
    const expected = name === failing.server ? 'failed' : 'changed'
    if (server?.outcome !== expected) return [`${name} ended ${server?.outcome ?? 'nowhere'}, not ${expected}`]
    if (name === failing.server && server.cause !== failing.cause)
      return [`${name}: cause ${server.cause}, not ${failing.cause}`]
    return []
  })
}

/** The promise behind everything: settings and start types are as they were, and what ran before runs. */
function leftChanged(before: LabState, after: LabState): string[] {
  return Object.entries(before.servers).flatMap(([name, was]) => {
    const is = after.servers[name]
    if (is === undefined) return [`${name} is gone`]
    const differences: string[] = []
    for (const key of ['crl', 'serverCertificateRevocation', 'executionPolicy', 'installerLogging'] as const) {
      if (JSON.stringify(was[key]) !== JSON.stringify(is[key])) differences.push(`${name}: ${key} is not as before`)
    }
    const services = new Map(is.services.map(service => [service.name, service]))
    for (const service of was.services) {
      const now = services.get(service.name)
      if (now?.startType !== service.startType) differences.push(`${name}: ${service.name} is ${now?.startType}`)
      if (service.state === 'Running' && now?.state !== 'Running')
        differences.push(`${name}: ${service.name} does not run`)
    }
    return differences
  })
}

function conclude(io: CommandIo, folder: string): void {
  const logs = join(relative(io.cwd, folder) || folder, 'servers', script.failing.server)
  io.stdout.write(
    [
      '',
      'Every server ended as scripted: seven patched, one failed and explained;',
      'settings, start types and services are as before.',
      '',
      'Try next:',
      `  node dist/cli.js diagnose ${logs}`,
      '      the same diagnosis from the pulled logs alone, with evidence and remedy',
      `  node dist/cli.js watch ${relative(io.cwd, folder) || folder} --speed 5`,
      '      the same run once more, on the dashboard',
      '  node dist/cli.js lab up --fault stall@ex-mbx-01 --inventory-out lab.yaml',
      '      a fleet of your own, with any fault of `lab up --help`; then in another',
      '      terminal:',
      '  node dist/cli.js run playbooks/apply-rollup.yaml -i lab.yaml --yes',
      '  node dist/cli.js inventory check inventory/example.yaml',
      '      what an inventory looks like; README.md has the rest',
      '',
    ].join('\n'),
  )
}
