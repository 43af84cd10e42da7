// What a run costs: wall time, CPU and peak memory over 10, 100 and 400 lab servers whose installs take no time, so that what is left is
// exroll's own work. The run and the lab are two processes, measured apart.
//
//   npm run build && node bench/run.mjs [--servers 10,100,400] [--repeat 1] [--dist dist] [--json] [-- more words for exroll run]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const usage = fileURLToPath(new URL('usage.mjs', import.meta.url))
const stepsPerServer = 16

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    servers: { type: 'string', default: '10,100,400' },
    repeat: { type: 'string', default: '1' },
    dist: { type: 'string', default: join(root, 'dist') },
    json: { type: 'boolean', default: false },
  },
})
const cli = resolve(values.dist, 'cli.js')
const started = new Set()

function start(words, options) {
  const child = spawn(process.execPath, ['--import', usage, cli, ...words], { cwd: root, ...options })
  started.add(child)
  child.once('exit', () => started.delete(child))
  return child
}

async function startLab(servers, folder) {
  const inventory = join(folder, 'inventory.yaml')
  const words = [
    'lab',
    'up',
    '--servers',
    `${servers}`,
    '--install-seconds',
    '0',
    '--seed',
    '7',
    '--inventory-out',
    inventory,
  ]
  const child = start(words, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const lines = createInterface({ input: child.stdout })
  const ready = new Promise((fulfil, reject) => {
    lines.on('line', line => line.startsWith('lab ready') && fulfil())
    child.once('exit', code => reject(new Error(`the lab ended with ${code} before it was ready`)))
  })
  await ready
  return { child, inventory }
}

async function usageOf(child) {
  const answer = once(child, 'message')
  child.send('usage')
  const [used] = await answer
  return used
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(hard)
}

async function measure(servers) {
  const folder = mkdtempSync(join(tmpdir(), 'exroll-bench-'))
  let lab
  try {
    lab = await startLab(servers, folder)
    const labBefore = await usageOf(lab.child)
    const runUsage = join(folder, 'run-usage.json')
    const words = [
      'run',
      'playbooks/apply-rollup.yaml',
      '-i',
      lab.inventory,
      '--ui',
      'quiet',
      '--yes',
      '--runs-dir',
      folder,
    ]
    // Soaking between batches is waiting, not work.
    words.push('--set', 'rollout.between.soak=0s', ...positionals)
    const from = performance.now()
    const run = start(words, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, EXROLL_BENCH_USAGE: runUsage },
    })
    const [code, signal] = await once(run, 'exit')
    const wallMs = performance.now() - from
    const labAfter = await usageOf(lab.child)
    if (code !== 0)
      throw new Error(`the run over ${servers} servers ended with ${signal ?? code}, not 0: nothing to measure`)
    const used = JSON.parse(readFileSync(runUsage, 'utf8'))
    return {
      servers,
      wallMs,
      runCpuMs: used.cpuMs,
      runCpuMsPerStep: used.cpuMs / (servers * stepsPerServer),
      runPeakBytes: used.peakBytes,
      labCpuMs: labAfter.cpuMs - labBefore.cpuMs,
      labCpuMsPerStep: (labAfter.cpuMs - labBefore.cpuMs) / (servers * stepsPerServer),
      labStartCpuMs: labBefore.cpuMs,
      labPeakBytes: labAfter.peakBytes,
    }
  } finally {
    if (lab !== undefined) await stop(lab.child)
    rmSync(folder, { recursive: true, force: true })
  }
}

function table(results) {
  const seconds = ms => (ms / 1000).toFixed(2)
  const megabytes = bytes => (bytes / 1024 / 1024).toFixed(0)
  const head = [
    'servers',
    'wall s',
    'run CPU s',
    'ms/step',
    'run MB',
    'lab CPU s',
    'ms/step',
    'lab MB',
    'lab start CPU s',
  ]
  const rows = results.map(result => [
    `${result.servers}`,
    seconds(result.wallMs),
    seconds(result.runCpuMs),
    result.runCpuMsPerStep.toFixed(2),
    megabytes(result.runPeakBytes),
    seconds(result.labCpuMs),
    result.labCpuMsPerStep.toFixed(2),
    megabytes(result.labPeakBytes),
    seconds(result.labStartCpuMs),
  ])
  const widths = head.map((word, column) => Math.max(word.length, ...rows.map(row => row[column].length)))
  return [head, ...rows].map(row => `${row.map((cell, column) => cell.padStart(widths[column])).join('  ')}\n`).join('')
}

async function main() {
  if (!existsSync(cli)) throw new Error(`${cli} is not there: npm run build`)
  const counts = values.servers.split(',').map(Number)
  if (counts.some(count => !Number.isInteger(count) || count < 1))
    throw new Error('--servers takes whole numbers: 10,100,400')
  const results = []
  for (const servers of counts) {
    for (let round = 0; round < Number(values.repeat); round++) {
      process.stderr.write(`${servers} servers ...\n`)
      results.push(await measure(servers))
    }
  }
  const { model } = cpus()[0] ?? { model: 'unknown processor' }
  if (values.json)
    process.stdout.write(
      `${JSON.stringify({ node: process.version, cores: cpus().length, model, results }, null, 2)}\n`,
    )
  else
    process.stdout.write(
      `Node ${process.version}, ${cpus().length} x ${model}, ${stepsPerServer} steps a server\n\n${table(results)}`,
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
