import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { listRuns } from '../../src/commands/find-run.js'
import { livingRunner } from '../../src/commands/runner-lock.js'
import { type StartedLab, startLab } from '../lab/start-lab.js'
import { applyRollup, differences, exroll, journalOf, root } from './exroll.js'

let lab: StartedLab | undefined
const children: ChildProcess[] = []
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  const runs = join(lab?.folder ?? '', 'runs')
  for (const run of lab === undefined ? [] : listRuns(runs)) {
    const runner = livingRunner(join(runs, run))
    if (runner !== undefined) process.kill(runner, 'SIGKILL')
  }
  await lab?.dispose()
  lab = undefined
})

async function fleet(timeScale = 600): Promise<{ lab: StartedLab; runs: string }> {
  lab = await startLab({ servers: 2, seed: 7, timeScale, installSeconds: 600 })
  return { lab, runs: join(lab.folder, 'runs') }
}

const words = (lab: StartedLab, runs: string) => [
  ...['run', applyRollup, '-i', lab.inventory, '--yes', '--runs-dir', runs],
  ...['--set', 'rollout.between.soak=0s'],
]

const folderOf = (runs: string) => join(runs, listRuns(runs)[0] ?? '')

function runnerOf(runs: string): number {
  const runner = livingRunner(folderOf(runs))
  if (runner === undefined) throw new Error('nobody carries the run out')
  return runner
}

async function until(what: string, done: () => boolean): Promise<void> {
  for (let look = 0; look < 1800; look++) {
    if (done()) return
    await delay(25)
  }
  throw new Error(`never came: ${what}`)
}

const has = (runs: string, like: RegExp) => () =>
  listRuns(runs).length > 0 &&
  readdirSync(folderOf(runs)).includes('journal.ndjson') &&
  like.test(readFileSync(join(folderOf(runs), 'journal.ndjson'), 'utf8'))

const installing = /"type":"step.started"[^\n]*"step":"install"/

/** The run goes on by itself to its end: 0, one install a server, all as before. */
async function endsWell(
  { lab, runs }: { lab: StartedLab; runs: string },
  before: ReturnType<StartedLab['lab']['state']>,
) {
  await until('the end of the run', has(runs, /"type":"run.finished"/))
  await until('the end of the runner', () => livingRunner(folderOf(runs)) === undefined)
  expect(journalOf(folderOf(runs)).at(-1)).toMatchObject({ type: 'run.finished', exitCode: 0 })
  const after = lab.lab.state()
  for (const name of Object.keys(after.servers)) {
    expect(after.servers[name]?.installsStarted).toBe(1)
    expect(differences(before, after, name)).toEqual([])
  }
}

describe('--detach', () => {
  it('prints the run id and returns while the run goes on; watch follows it to its exit code', async () => {
    const it = await fleet(300)
    const before = it.lab.lab.state()
    const { stdout, exitCode, stderr } = await exroll([...words(it.lab, it.runs), '--detach']).ended
    expect(exitCode, stderr).toBe(0)
    expect(stdout.trim()).toBe(listRuns(it.runs)[0])
    expect(livingRunner(folderOf(it.runs))).toBeGreaterThan(0)
    const watched = await exroll(['watch', stdout.trim(), '--runs-dir', it.runs]).ended
    expect(watched.exitCode, watched.stderr).toBe(0)
    expect(watched.stderr).toMatch(/ex-cas-01 install changed/)
    expect(watched.stdout).toContain('RUN RECAP')
    await endsWell(it, before)
  })

  it('kill -9 of a watcher leaves the run untouched', async () => {
    const it = await fleet(300)
    const before = it.lab.lab.state()
    await exroll([...words(it.lab, it.runs), '--detach']).ended
    const watcher = exroll(['watch', '--runs-dir', it.runs])
    await until('the install', has(it.runs, installing))
    watcher.child.kill('SIGKILL')
    await watcher.ended
    await endsWell(it, before)
  })

  it('SIGTERM to the runner is like the first Ctrl-C: what was started is finished, exit 5', async () => {
    const { lab, runs } = await fleet(300)
    await exroll([...words(lab, runs), '--detach']).ended
    await until('the install', has(runs, installing))
    process.kill(runnerOf(runs), 'SIGTERM')
    await until('the end of the run', has(runs, /"type":"run.finished"/))
    expect(journalOf(folderOf(runs)).at(-1)).toMatchObject({ exitCode: 5, counts: { changed: 1, skipped: 1 } })
  })

  it.skipIf(process.platform !== 'linux')(
    'hands the password over a pipe: in no argument, environment or file (reads /proc)',
    async () => {
      const { lab, runs } = await fleet(60)
      const password = readFileSync(`${lab.inventory}.password`, 'utf8').trim()
      await exroll([...words(lab, runs), '--detach']).ended
      const runner = runnerOf(runs)
      for (const name of ['cmdline', 'environ'])
        expect(readFileSync(`/proc/${runner}/${name}`, 'utf8')).not.toContain(password)
      for (const entry of readdirSync(folderOf(runs), { recursive: true, withFileTypes: true })) {
        if (entry.isFile()) expect(readFileSync(join(entry.parentPath, entry.name), 'latin1')).not.toContain(password)
      }
      await until('the install', has(runs, installing))
    },
  )

  it('says what is wrong when the runner cannot begin', async () => {
    const { lab, runs } = await fleet(60)
    await exroll([...words(lab, runs), '--detach']).ended
    const { exitCode, stderr } = await exroll(['resume', '--detach', '--runs-dir', runs]).ended
    expect(exitCode).toBe(3)
    expect(stderr).toContain('RUN_IS_LIVE')
  })
})

const hasScript = spawnSync('script', ['--version']).stdout?.toString().includes('util-linux') === true

/** exroll on a terminal of its own; `viewer` is its pid. */
async function onTerminal(args: string[], folder: string) {
  const pidFile = join(folder, `viewer-${children.length}.pid`)
  const command = [process.execPath, join(root, 'dist', 'cli.js'), ...args].map(word => `'${word}'`).join(' ')
  const env = { ...process.env, TERM: 'xterm-256color', CI: undefined, INK_SCREEN_READER: undefined }
  const child = spawn(
    'script',
    ['-qfec', `stty rows 30 cols 100; echo $$ > '${pidFile}'; exec ${command}`, '/dev/null'],
    {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  children.push(child)
  // A key may come after the end: what a test waits for is the end, not the key.
  child.stdin.on('error', () => undefined)
  let screen = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    screen += text
  })
  const ended = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)))
  await until('the viewer', () => readdirSync(folder).includes(`viewer-${children.length - 1}.pid`))
  await until('its pid', () => readFileSync(pidFile, 'utf8').trim() !== '')
  return { child, ended, screen: () => screen, viewer: Number(readFileSync(pidFile, 'utf8')) }
}

describe.skipIf(!hasScript)('on a terminal (needs util-linux script)', () => {
  const leftScreen = '\u001b[?1049l'
  const shownCursor = '\u001b[?25h'

  it('shows the dashboard of a runner of its own, and ends with the exit code of the run', async () => {
    const it = await fleet()
    const before = it.lab.lab.state()
    const terminal = await onTerminal(words(it.lab, it.runs), it.lab.folder)
    expect(await terminal.ended).toBe(0)
    expect(terminal.screen()).toContain('\u001b[?1049h')
    expect(terminal.screen()).toContain(leftScreen)
    expect(terminal.screen().lastIndexOf(shownCursor)).toBeGreaterThan(terminal.screen().lastIndexOf('\u001b[?25l'))
    await endsWell(it, before)
  })

  it.each([
    ['kill -9 of the viewer', (viewer: number) => process.kill(viewer, 'SIGKILL')],
    ['a terminal that is closed', (viewer: number) => process.kill(viewer, 'SIGHUP')],
    ['a terminal that is stopped', (viewer: number) => process.kill(viewer, 'SIGSTOP')],
  ])('%s leaves the run untouched', async (_, strike) => {
    const it = await fleet(300)
    const before = it.lab.lab.state()
    const terminal = await onTerminal(words(it.lab, it.runs), it.lab.folder)
    await until('the install', has(it.runs, installing))
    strike(terminal.viewer)
    await endsWell(it, before)
    // script stops with what it shows, and would wait for ever.
    if (terminal.child.exitCode === null) {
      process.kill(terminal.viewer, 'SIGKILL')
      terminal.child.kill('SIGKILL')
    }
  })

  it('q looks away: the terminal is given back, the run goes on', async () => {
    const it = await fleet(300)
    const before = it.lab.lab.state()
    const terminal = await onTerminal(words(it.lab, it.runs), it.lab.folder)
    await until('the install', has(it.runs, installing))
    await until('the picture', () => terminal.screen().includes('install'))
    terminal.child.stdin?.write('q')
    expect(await terminal.ended).toBe(0)
    expect(terminal.screen()).toContain(leftScreen)
    expect(livingRunner(folderOf(it.runs))).toBeGreaterThan(0)
    await endsWell(it, before)
  })

  it('Ctrl-C stops the run after what was started, and says so with 5', async () => {
    const { lab, runs } = await fleet(300)
    const terminal = await onTerminal(words(lab, runs), lab.folder)
    await until('the install', has(runs, installing))
    await until('the picture', () => terminal.screen().includes('install'))
    terminal.child.stdin?.write('\u0003')
    expect(await terminal.ended).toBe(5)
    expect(journalOf(folderOf(runs)).at(-1)).toMatchObject({ counts: { changed: 1, skipped: 1 } })
  })

  it('Ctrl-C before the dashboard is there stops the run as well', async () => {
    const { lab, runs } = await fleet(300)
    const terminal = await onTerminal(words(lab, runs), lab.folder)
    await until('the run', has(runs, /"type":"run.started"/))
    process.kill(terminal.viewer, 'SIGINT')
    expect(await terminal.ended).toBe(5)
    expect(journalOf(folderOf(runs)).at(-1)).toMatchObject({ type: 'run.finished', exitCode: 5 })
  })

  it('Ctrl-C twice leaves at once with 130; the guards do the rest', async () => {
    const { lab, runs } = await fleet(120)
    const terminal = await onTerminal(words(lab, runs), lab.folder)
    await until('the install', has(runs, installing))
    await until('the picture', () => terminal.screen().includes('install'))
    terminal.child.stdin?.write('\u0003')
    await until('the first', has(runs, /"action":"abort"/))
    terminal.child.stdin?.write('\u0003')
    await delay(300)
    terminal.child.stdin?.write('y')
    expect(await terminal.ended).toBe(130)
    await until('the end of the runner', () => livingRunner(folderOf(runs)) === undefined)
    expect(journalOf(folderOf(runs)).at(-1)?.type).not.toBe('run.finished')
  })

  it('watch replays a run that is over, and q ends it', async () => {
    const { lab, runs } = await fleet(1200)
    await exroll([...words(lab, runs), '--ui', 'quiet']).ended
    const terminal = await onTerminal(['watch', '--speed', '50', '--runs-dir', runs], lab.folder)
    await until('the last picture', () => terminal.screen().includes('run finished: ok'))
    terminal.child.stdin?.write('q')
    expect(await terminal.ended).toBe(0)
    expect(terminal.screen()).toContain(leftScreen)
  })
})
