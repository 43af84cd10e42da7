// What a diagnosis costs beside a mere search: a large verbose log in UTF-16LE and in UTF-8, gone over by exroll, by ripgrep, by grep, by
// Node's own Buffer.indexOf over pieces of 1 MiB, and only read. One run, so that all see the same machine; processor time beside the
// clock's, because a machine that others use as well makes the clock's worth little. A small log tells what the start costs.
//
//   npm run build && node bench/diagnose.mjs [--megabytes 1000] [--repeat 3] [--dist dist] [--json]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeVerboseLog } from './verbose-log.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '1000' },
    repeat: { type: 'string', default: '3' },
    dist: { type: 'string', default: join(root, 'dist') },
    json: { type: 'boolean', default: false },
  },
})
const cli = join(resolve(values.dist), 'cli.js')
const floor = join(root, 'bench', 'read-floor.mjs')
const usage = join(root, 'bench', 'usage.mjs')
const small = 3e6

function has(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
}

/** The commands to compare, by name; the first is what the others are measured against. */
function contestants(path, encoding) {
  const node = (script, ...words) => [process.execPath, '--import', usage, script, ...words]
  const rg = ['rg', '-c', ...(encoding === 'utf16le' ? ['-E', 'utf-16le'] : []), 'Return value 3', path]
  return {
    'Buffer.indexOf': node(floor, path, encoding),
    'exroll diagnose': node(cli, 'diagnose', path),
    'plain reading': node(floor, path, 'read'),
    ...(has('rg') ? { 'rg -c': rg } : {}),
    ...(has('grep') ? { 'grep -c': ['grep', '-a', '-c', 'Return value 3', path] } : {}),
  }
}

/** Wall and processor time in ms; peak memory in bytes, of Node's processes. `times` of the shell counts what its child used. */
function measure(command, folder) {
  const file = join(folder, 'usage.json')
  rmSync(file, { force: true })
  const before = performance.now()
  const { stdout, error } = spawnSync('sh', ['-c', '"$@" > /dev/null; times', 'sh', ...command], {
    encoding: 'utf8',
    env: { ...process.env, EXROLL_BENCH_USAGE: file },
  })
  if (error !== undefined) throw error
  const wallMs = performance.now() - before
  const own = command[0] === process.execPath ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  return { wallMs, cpuMs: own?.cpuMs ?? childTime(stdout), peakBytes: own?.peakBytes ?? null }
}

/** The second line of `times`: `0m0.12s 0m0.03s`, the user and system time of children. */
function childTime(text) {
  const [, children = ''] = text.trim().split('\n').slice(-2)
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  )
}

/** The run with the least processor time: what others on the machine add is only ever more. */
function best(runs) {
  return runs.reduce((least, run) => (run.cpuMs < least.cpuMs ? run : least))
}

const folder = mkdtempSync(join(tmpdir(), 'exroll-bench-'))
const results = []
try {
  for (const [bytes, encoding] of [
    [Number(values.megabytes) * 1e6, 'utf16le'],
    [Number(values.megabytes) * 1e6, 'utf8'],
    [small, 'utf16le'],
  ]) {
    const path = join(folder, 'rollup.log')
    writeVerboseLog(path, bytes, encoding)
    const commands = contestants(path, encoding)
    if (bytes === small) commands['node, nothing done'] = [process.execPath, '--import', usage, '-e', '']
    const runs = Object.entries(commands).map(([name, command]) => ({ name, runs: [], command }))
    for (let i = 0; i < Number(values.repeat); i += 1)
      for (const own of runs) own.runs.push(measure(own.command, folder))
    results.push({
      encoding,
      megabytes: bytes / 1e6,
      measured: runs.map(own => ({ name: own.name, ...best(own.runs) })),
    })
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function table({ encoding, megabytes, measured }) {
  const [reference] = measured
  const rows = measured.map(({ name, wallMs, cpuMs, peakBytes }) =>
    [
      name.padEnd(18),
      `${wallMs.toFixed(0)} ms`.padStart(10),
      `${cpuMs.toFixed(0)} ms`.padStart(10),
      (cpuMs / reference.cpuMs).toFixed(2).padStart(8),
      peakBytes === null ? '' : `${(peakBytes / 1e6).toFixed(0)} MB`.padStart(9),
    ].join(' '),
  )
  const head = `${''.padEnd(18)} ${'clock'.padStart(10)} ${'processor'.padStart(10)} ${'ratio'.padStart(8)} ${'memory'.padStart(9)}`
  return [`${megabytes} MB, ${encoding}`, head, ...rows].join('\n')
}

process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : `${results.map(table).join('\n\n')}\n`)
