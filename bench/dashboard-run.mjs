// What the dashboard costs the run it shows: the same run over the same fleet with `--ui quiet` and, on a terminal of its own, with `--ui
// dashboard`, each time on a fresh lab; wall time from the first to the last event of the journal, and the ratio.
//
//   npm run build && node bench/dashboard-run.mjs [--servers 200] [--repeat 3] [--time-scale 600] [--install-seconds 600] [--json]
//
// Needs `script` of util-linux for the terminal.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const cli = join(root, 'dist', 'cli.js')
const { values } = parseArgs({
  options: {
    servers: { type: 'string', default: '200' },
    repeat: { type: 'string', default: '3' },
    'time-scale': { type: 'string', default: '600' },
    'install-seconds': { type: 'string', default: '600' },
    json: { type: 'boolean', default: false },
  },
})
const started = new Set()

function start(file, words, options) {
  const child = spawn(file, words, { cwd: root, ...options })
  started.add(child)
  child.once('exit', () => started.delete(child))
  return child
}

async function startLab(folder) {
  const inventory = join(folder, 'inventory.yaml')
  const words = ['lab', 'up', '--seed', '7', '--inventory-out', inventory]
  for (const option of ['servers', 'time-scale', 'install-seconds']) words.push(`--${option}`, values[option])
  const child = start(process.execPath, [cli, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((fulfil, reject) => {
    createInterface({ input: child.stdout }).on('line', line => line.startsWith('lab ready') && fulfil())
    child.once('exit', code => reject(new Error(`the lab ended with ${code} before it was ready`)))
  })
  return { child, inventory }
}

function startRun(ui, inventory, runs) {
  const words = ['run', 'playbooks/apply-rollup.yaml', '-i', inventory, '--yes', '--ui', ui, '--runs-dir', runs]
  words.push('--set', 'rollout.between.soak=0s')
  if (ui === 'quiet') return start(process.execPath, [cli, ...words], { stdio: ['ignore', 'ignore', 'inherit'] })
  const command = [process.execPath, cli, ...words].map(word => `'${word}'`).join(' ')
  const env = { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8', CI: '' }
  const terminal = ['-qfec', `stty rows 50 cols 160; exec ${command}`, '/dev/null']
  return start('script', terminal, { stdio: ['pipe', 'ignore', 'inherit'], env })
}

async function measure(ui) {
  const folder = mkdtempSync(join(tmpdir(), 'exroll-bench-'))
  let lab
  try {
    lab = await startLab(folder)
    const runs = join(folder, 'runs')
    const [code] = await once(startRun(ui, lab.inventory, runs), 'exit')
    const journal = readFileSync(join(runs, readdirSync(runs)[0], 'journal.ndjson'), 'utf8')
      .trimEnd()
      .split('\n')
    if (code !== 0) {
      const failed = journal.filter(line => line.includes('"step.finished"') && line.includes('"error"'))
      throw new Error(`the run with --ui ${ui} ended with ${code}, not 0: nothing to measure\n${failed.join('\n')}`)
    }
    const at = line => Date.parse(JSON.parse(line).at)
    return { ui, wallMs: at(journal.at(-1)) - at(journal[0]), events: journal.length }
  } finally {
    if (lab !== undefined && lab.child.exitCode === null) {
      const ended = once(lab.child, 'exit')
      lab.child.kill('SIGTERM')
      await ended
    }
    rmSync(folder, { recursive: true, force: true })
  }
}

async function main() {
  if (!existsSync(cli)) throw new Error(`${cli} is not there: npm run build`)
  const results = []
  for (let round = 0; round < Number(values.repeat); round++) {
    // Turn about, so that what else the machine does falls on both.
    for (const ui of round % 2 === 0 ? ['quiet', 'dashboard'] : ['dashboard', 'quiet']) {
      process.stderr.write(`round ${round + 1}: ${ui} ...\n`)
      results.push(await measure(ui))
    }
  }
  const median = ui => {
    const times = results.filter(result => result.ui === ui).map(result => result.wallMs)
    return times.sort((a, b) => a - b)[Math.floor((times.length - 1) / 2)]
  }
  const summary = { quietMs: median('quiet'), dashboardMs: median('dashboard') }
  const ratio = summary.dashboardMs / summary.quietMs
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify({ node: process.version, cores: cpus().length, ...summary, ratio, results }, null, 2)}\n`,
    )
    return
  }
  for (const { ui, wallMs, events } of results) {
    process.stdout.write(`${ui.padEnd(10)} ${(wallMs / 1000).toFixed(2).padStart(8)} s  ${events} events\n`)
  }
  process.stdout.write(
    `median: quiet ${(summary.quietMs / 1000).toFixed(2)} s, dashboard ${(summary.dashboardMs / 1000).toFixed(2)} s, ratio ${ratio.toFixed(3)}\n`,
  )
}

const stopAll = () => {
  for (const child of started) child.kill('SIGTERM')
}
process.once('SIGINT', stopAll)
process.once('SIGTERM', stopAll)
process.once('exit', stopAll)

try {
  await main()
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
