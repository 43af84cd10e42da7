// What the viewer costs while it shows a large run: processor time of one core at 500 servers and 2,000 events a second, against a process
// that only reads the same events. It draws to a terminal of its own making that throws the picture away.
//
//   npm run build && node bench/dashboard.mjs [--servers 500] [--rate 2000] [--seconds 10] [--size 160x50] [--dist dist] [--json]

import { join, resolve } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { setTimeout as passed } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    servers: { type: 'string', default: '500' },
    rate: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '10' },
    size: { type: 'string', default: '160x50' },
    dist: { type: 'string', default: join(root, 'dist') },
    json: { type: 'boolean', default: false },
  },
})
const servers = Number(values.servers)
const rate = Number(values.rate)
const seconds = Number(values.seconds)
const [columns, rows] = values.size.split('x').map(Number)
const groupsPerSecond = 20

/** A quarter of the fleet at work, one in forty failed; log lines, progress and steps in about the shares of a real run. */
function makeText() {
  const names = Array.from({ length: servers }, (_, index) => `ex-mbx-${String(index + 1).padStart(3, '0')}`)
  const busy = names.slice(0, Math.ceil(servers / 4))
  const at = new Date('2026-11-23T21:00:00.000Z').getTime()
  const events = [
    {
      type: 'run.started',
      action: 'apply',
      dryRun: false,
      title: 'Exchange 2007 SP1, Update Rollup 4',
      servers: names.map((name, index) => ({ name, roles: ['mailbox'], batch: Math.floor((index * 4) / servers) + 1 })),
    },
    { type: 'batch.started', batch: 1, servers: busy },
    ...busy.map(server => ({ type: 'step.started', server, step: 'install', attempt: 1 })),
    ...busy
      .filter((_, index) => index % 10 === 0)
      .flatMap(server => [
        {
          type: 'step.finished',
          server,
          step: 'install',
          outcome: 'failed',
          ms: 1000,
          error: { code: 'INSTALL_FAILED', message: 'msiexec ended with 1603', hint: 'See the diagnosis.' },
        },
        { type: 'server.finished', server, outcome: 'failed', cause: 'crl-check' },
      ]),
  ]
  const running = busy.filter((_, index) => index % 10 !== 0)
  for (let index = events.length; index < rate * seconds; index++) {
    const server = running[index % running.length]
    if (index % 4 === 0)
      events.push({
        type: 'step.progress',
        server,
        step: 'install',
        percent: Math.min(99, Math.floor((index / (rate * seconds)) * 100)),
        note: `InstallFiles, log line ${index}`,
      })
    else if (index % 50 === 1)
      events.push({ type: 'service.state', server, running: 9 + (index % 22), expected: 31, down: ['MSExchangeIS'] })
    else
      events.push({
        type: 'log.line',
        server,
        log: 'KB952580.log',
        line: index,
        text: `MSI (s) (5C:A0) [21:15:09:${index}]: Executing op: FileCopy(SourceName=store.exe)`,
      })
  }
  return events.map((event, index) =>
    JSON.stringify({ v: 1, run: 'bench', seq: index + 1, at: new Date(at + index).toISOString(), ...event }),
  )
}

/** The lines at their pace, in groups, as a tailed journal gives them. */
async function* paced(lines, counter) {
  const size = Math.ceil(rate / groupsPerSecond)
  const from = performance.now()
  for (let index = 0; index < lines.length; index += size) {
    const events = lines.slice(index, index + size).map(line => JSON.parse(line))
    counter.events += events.length
    yield events
    await passed(Math.max(0, from + ((index + size) / rate) * 1000 - performance.now()))
  }
}

/** A terminal that nobody looks at. */
function openTerminal(counter) {
  const terminal = new Writable({
    decodeStrings: false,
    write(chunk, _, done) {
      counter.bytes += Buffer.byteLength(chunk)
      if (chunk.length > 200) counter.frames++
      done()
    },
  })
  return Object.assign(terminal, { isTTY: true, columns, rows })
}

function openKeyboard() {
  const keyboard = new PassThrough()
  return Object.assign(keyboard, {
    isTTY: true,
    isRaw: false,
    setRawMode: () => keyboard,
    ref: () => keyboard,
    unref: () => keyboard,
  })
}

async function measure(work) {
  const from = process.cpuUsage()
  const began = performance.now()
  await work()
  const { user, system } = process.cpuUsage(from)
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - began }
}

const { showDashboard } = await import(pathToFileURL(join(resolve(values.dist), 'show-dashboard.js')))
const lines = makeText()
const read = { events: 0 }
const reading = await measure(async () => {
  for await (const _ of paced(lines, read));
})
const shown = { events: 0, bytes: 0, frames: 0 }
let state
const showing = await measure(async () => {
  const terminal = openTerminal(shown)
  const result = await showDashboard({
    events: paced(lines, shown),
    control: null,
    stdin: openKeyboard(),
    stderr: terminal,
    stdout: new PassThrough().resume(),
    options: { ascii: false, color: true, screenReader: false, fps: 10, atEnd: 'leave' },
    folder: root,
  })
  state = result.state
})
const lost = lines.length - shown.events
const seen = Object.values(state.servers).filter(server => server.outcome === 'failed').length
const result = {
  node: process.version,
  servers,
  rate,
  size: values.size,
  cpuPercent: (showing.cpuMs / showing.wallMs) * 100,
  readingPercent: (reading.cpuMs / reading.wallMs) * 100,
  framesPerSecond: shown.frames / (showing.wallMs / 1000),
  kilobytesPerSecond: shown.bytes / 1024 / (showing.wallMs / 1000),
  lost,
}
if (values.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
else
  process.stdout.write(
    `${servers} servers (${seen} failed), ${rate} events a second, ${values.size}: ${result.cpuPercent.toFixed(1)} % of one core, ` +
      `${result.readingPercent.toFixed(1)} % of it only to read; ${result.framesPerSecond.toFixed(1)} frames and ${result.kilobytesPerSecond.toFixed(0)} KiB a second; ${lost} events lost\n`,
  )
