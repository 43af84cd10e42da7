// How long a file takes to a server of the lab: exroll beside Debian's Ansible over WinRM (NTLM, sealed over HTTP and in TLS over HTTPS), and beside
// OpenSSH's sftp over SSH, on the same endpoints in the same run, so that all see the same machine. Each is a process of its own, its start counted;
// what a file of one byte takes tells how much of it that is, because a run starts once and copies to many servers. exroll also asks the server for
// the file's SHA-256, which the others do not. Beside the clock's time stands the processor's, of the client and of the lab: on a machine that others
// use as well the clock's is worth little.
//
//   npm run build && node bench/copy.mjs [--megabytes 100] [--repeat 3] [--dist dist] [--json]
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'

const here = fileURLToPath(new URL('.', import.meta.url))
const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '100' },
    repeat: { type: 'string', default: '3' },
    dist: { type: 'string', default: join(here, '..', 'dist') },
    json: { type: 'boolean', default: false },
  },
})
const python = '/usr/bin/python3'
const folder = mkdtempSync(join(tmpdir(), 'exroll-bench-copy-'))
const file = join(folder, 'package.bin')
const passwordFile = join(folder, 'inventory.yaml.password')
const oneByte = join(folder, 'one-byte.bin')
writeFileSync(file, randomBytes(Number(values.megabytes) * 1e6))
writeFileSync(oneByte, 'x')
// Python's NTLM asks OpenSSL for MD4, which OpenSSL 3 has in its legacy provider only.
writeFileSync(
  join(folder, 'openssl.cnf'),
  'openssl_conf = start\n[start]\nproviders = all\n[all]\ndefault = on\nlegacy = on\n[on]\nactivate = 1\n',
)
writeFileSync(join(folder, 'askpass'), `#!/bin/sh\ncat '${passwordFile}'\n`, { mode: 0o700 })

const serverFile = ({ name }) => join(folder, `${name}.json`)

async function startLab() {
  const inventory = join(folder, 'inventory.yaml')
  const words = ['lab', 'up', '--servers', '4', '--transport', 'mixed', '--inventory-out', inventory]
  const child = spawn(process.execPath, [join(resolve(values.dist), 'cli.js'), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('lab ready')) break
  const { parseInventory } = await import(pathToFileURL(join(resolve(values.dist), 'parse-inventory.js')).href)
  const text = readFileSync(inventory, 'utf8')
  const { servers } = parseInventory(text, inventory)
  for (const server of servers) writeFileSync(serverFile(server), JSON.stringify(server))
  return { child, servers, username: parse(text).credentials.lab.username }
}

/** Processor seconds that a process has used (Linux: user and system time in hundredths, proc(5)). */
function processorSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function timed(lab, command, words, { env = {}, input = '' } = {}) {
  const labBefore = processorSeconds(lab.child.pid)
  const startedAt = performance.now()
  // The shell's own clock tells what the client's processor did.
  const shell = ['-c', 'TIMEFORMAT="used %U %S"; time "$@"', 'bash', command, ...words]
  const child = spawn('bash', shell, { env: { ...process.env, ...env }, stdio: ['pipe', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', chunk => {
    said += chunk
  })
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${said.slice(-500)}`)
  const [, user, system] = /used ([\d.]+) ([\d.]+)/.exec(said) ?? []
  return {
    seconds: (performance.now() - startedAt) / 1000,
    client: Number(user) + Number(system),
    lab: processorSeconds(lab.child.pid) - labBefore,
  }
}

/** Every turn writes another file: what is there already would not be sent again. */
function contestants(lab, turn, file) {
  const ssh = lab.servers.find(server => server.transport === 'ssh')
  const winrm = scheme => lab.servers.find(server => server.winrm.scheme === scheme)
  const remote = name => `C:\\Users\\exadmin\\${name}-${turn}-${basename(file)}`
  const exroll = server => () =>
    timed(lab, process.execPath, [join(here, 'copy-one.mjs'), values.dist, serverFile(server), file, remote('exroll')])
  const sftpWords = ['-P', `${ssh.port}`, '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null']
  const ansible = scheme => () =>
    timed(
      lab,
      python,
      [join(here, 'ansible-put.py'), scheme, `${winrm(scheme).port}`, lab.username, file, remote('ansible')],
      // Python's requests believes a list of authorities in the environment more than the word to ignore them.
      {
        env: { OPENSSL_CONF: join(folder, 'openssl.cnf'), REQUESTS_CA_BUNDLE: '', CURL_CA_BUNDLE: '' },
        input: readFileSync(passwordFile),
      },
    )
  const all = {
    'exroll, WinRM': exroll(winrm('http')),
    'Ansible, WinRM': ansible('http'),
    'exroll, WinRM over HTTPS': exroll(winrm('https')),
    'Ansible, WinRM over HTTPS': ansible('https'),
    'exroll, SSH': exroll(ssh),
    'sftp, SSH': () =>
      timed(lab, 'sftp', [...sftpWords, `exadmin@127.0.0.1`], {
        env: { SSH_ASKPASS: join(folder, 'askpass'), SSH_ASKPASS_REQUIRE: 'force' },
        input: `put "${file}" "/C:/Users/exadmin/sftp-${turn}-${basename(file)}"\n`,
      }),
  }
  const noAnsible = spawnSync(python, ['-c', 'import ansible, winrm, requests_ntlm']).status !== 0
  const missing = {
    'Ansible, WinRM': noAnsible,
    'Ansible, WinRM over HTTPS': noAnsible,
    'sftp, SSH': spawnSync('sftp', ['-h']).error !== undefined,
  }
  return Object.entries(all).filter(([name]) => !missing[name])
}

const turns = {}
const starts = {}
const lab = await startLab()
try {
  for (let turn = 0; turn < Number(values.repeat); turn += 1) {
    for (const [name, copy] of contestants(lab, turn, file)) turns[name] = [...(turns[name] ?? []), await copy()]
    for (const [name, copy] of contestants(lab, turn, oneByte)) starts[name] = [...(starts[name] ?? []), await copy()]
  }
} finally {
  lab.child.kill()
  await once(lab.child, 'close')
  rmSync(folder, { recursive: true, force: true })
}

const quickest = all => all.sort((a, b) => a.seconds - b.seconds)[0]
const best = Object.fromEntries(
  Object.entries(turns).map(([name, all]) => [name, { ...quickest(all), start: quickest(starts[name]).seconds }]),
)
const ratio = (other, own, of) =>
  best[other] === undefined ? null : Number((of(best[other]) / of(best[own])).toFixed(2))
const pairs = {
  'exroll over Ansible, WinRM': ['Ansible, WinRM', 'exroll, WinRM'],
  'exroll over Ansible, WinRM over HTTPS': ['Ansible, WinRM over HTTPS', 'exroll, WinRM over HTTPS'],
  'exroll over sftp, SSH': ['sftp, SSH', 'exroll, SSH'],
}
const ratios = Object.fromEntries(
  Object.entries(pairs).map(([name, [other, own]]) => [
    name,
    {
      time: ratio(other, own, one => one.seconds),
      copyAlone: ratio(other, own, one => one.seconds - one.start),
      clientProcessor: ratio(other, own, one => one.client),
    },
  ]),
)
if (values.json) {
  process.stdout.write(`${JSON.stringify({ megabytes: Number(values.megabytes), best, ratios }, null, 2)}\n`)
} else {
  process.stdout.write(`${values.megabytes} MB to one server of the lab, best of ${values.repeat}\n`)
  for (const [name, { seconds, start, client, lab: served }] of Object.entries(best)) {
    const rate = (Number(values.megabytes) / seconds).toFixed(1)
    const processor = `start ${start.toFixed(2)} s, processor: ${client.toFixed(2)} s, the lab's ${served.toFixed(2)} s`
    process.stdout.write(
      `  ${name.padEnd(26)} ${seconds.toFixed(2).padStart(7)} s ${rate.padStart(7)} MB/s   ${processor}\n`,
    )
  }
  for (const [name, { time, copyAlone, clientProcessor }] of Object.entries(ratios)) {
    const words =
      time === null
        ? 'not installed'
        : `${time} times as fast, ${copyAlone} without the start; ${clientProcessor} times the work per processor second of the client`
    process.stdout.write(`  ${name}: ${words}\n`)
  }
}
