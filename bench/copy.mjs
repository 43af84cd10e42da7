// How long a file takes to a server of the lab: exroll beside Debian's Ansible over WinRM (sealed NTLM over HTTP), and beside OpenSSH's sftp over
// SSH, on the same two endpoints in the same run, so that all see the same machine. Each is a process of its own, its start counted.
//
//   npm run build && node bench/copy.mjs [--megabytes 100] [--repeat 3] [--dist dist] [--json]
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
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
writeFileSync(file, randomBytes(Number(values.megabytes) * 1e6))
// Python's NTLM asks OpenSSL for MD4, which OpenSSL 3 has in its legacy provider only.
writeFileSync(
  join(folder, 'openssl.cnf'),
  'openssl_conf = start\n[start]\nproviders = all\n[all]\ndefault = on\nlegacy = on\n[on]\nactivate = 1\n',
)
writeFileSync(join(folder, 'askpass'), `#!/bin/sh\ncat '${passwordFile}'\n`, { mode: 0o700 })

async function startLab() {
  const inventory = join(folder, 'inventory.yaml')
  const words = ['lab', 'up', '--servers', '2', '--transport', 'mixed', '--inventory-out', inventory]
  const child = spawn(process.execPath, [join(resolve(values.dist), 'cli.js'), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('lab ready')) break
  return { child, inventory, ...parse(readFileSync(inventory, 'utf8')) }
}

async function timed(command, words, { env = {}, input = '' } = {}) {
  const startedAt = performance.now()
  const child = spawn(command, words, { env: { ...process.env, ...env }, stdio: ['pipe', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', chunk => {
    said += chunk
  })
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${said.slice(-500)}`)
  return (performance.now() - startedAt) / 1000
}

/** Every turn writes another file: what is there already would not be sent again. */
function contestants(lab, turn) {
  const [ssh, winrm] = lab.servers
  const remote = name => `C:\\Users\\exadmin\\${name}-${turn}.bin`
  const exroll = server => () =>
    timed(process.execPath, [
      join(here, 'copy-one.mjs'),
      values.dist,
      lab.inventory,
      server.name,
      file,
      remote('exroll'),
    ])
  const sftpWords = ['-P', `${ssh.port}`, '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null']
  const all = {
    'exroll, WinRM': exroll(winrm),
    'Ansible, WinRM': () =>
      timed(
        python,
        [join(here, 'ansible-put.py'), `${winrm.port}`, lab.credentials.lab.username, file, remote('ansible')],
        {
          env: { OPENSSL_CONF: join(folder, 'openssl.cnf') },
          input: readFileSync(passwordFile),
        },
      ),
    'exroll, SSH': exroll(ssh),
    'sftp, SSH': () =>
      timed('sftp', [...sftpWords, `exadmin@127.0.0.1`], {
        env: { SSH_ASKPASS: join(folder, 'askpass'), SSH_ASKPASS_REQUIRE: 'force' },
        input: `put "${file}" "/C:/Users/exadmin/sftp-${turn}.bin"\n`,
      }),
  }
  const missing = {
    'Ansible, WinRM': spawnSync(python, ['-c', 'import ansible, winrm, requests_ntlm']).status !== 0,
    'sftp, SSH': spawnSync('sftp', ['-h']).error !== undefined,
  }
  return Object.entries(all).filter(([name]) => !missing[name])
}

const seconds = {}
const lab = await startLab()
try {
  for (let turn = 0; turn < Number(values.repeat); turn += 1) {
    for (const [name, copy] of contestants(lab, turn)) seconds[name] = [...(seconds[name] ?? []), await copy()]
  }
} finally {
  lab.child.kill()
  await once(lab.child, 'close')
  rmSync(folder, { recursive: true, force: true })
}

const best = Object.fromEntries(Object.entries(seconds).map(([name, all]) => [name, Math.min(...all)]))
const ratio = (other, own) => (best[other] === undefined ? null : Number((best[other] / best[own]).toFixed(2)))
const ratios = {
  'exroll over Ansible, WinRM': ratio('Ansible, WinRM', 'exroll, WinRM'),
  'exroll over sftp, SSH': ratio('sftp, SSH', 'exroll, SSH'),
}
if (values.json)
  process.stdout.write(`${JSON.stringify({ megabytes: Number(values.megabytes), seconds: best, ratios }, null, 2)}\n`)
else {
  process.stdout.write(`${values.megabytes} MB to one server of the lab, best of ${values.repeat}\n`)
  for (const [name, time] of Object.entries(best)) {
    process.stdout.write(
      `  ${name.padEnd(16)} ${time.toFixed(2).padStart(7)} s ${(Number(values.megabytes) / time).toFixed(1).padStart(7)} MB/s\n`,
    )
  }
  for (const [name, times] of Object.entries(ratios))
    process.stdout.write(`  ${name}: ${times === null ? 'not installed' : `${times} times as fast`}\n`)
}
