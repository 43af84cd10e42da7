import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** Stands in for npm: notes the call, takes a while, makes what `npm ci` makes; fails while the file `npm-fails` is there. */
const npm = `#!${process.execPath}
const { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } = require('node:fs')
appendFileSync('npm-calls', JSON.stringify({ args: process.argv.slice(2), cache: process.env.npm_config_cache }) + '\\n')
if (existsSync('npm-running')) appendFileSync('overlaps', 'x')
writeFileSync('npm-running', '')
rmSync('node_modules', { recursive: true, force: true })
setTimeout(() => {
  rmSync('npm-running')
  if (existsSync('npm-fails')) process.exit(1)
  for (const name of ['rolldown', 'commander']) mkdirSync('node_modules/' + name, { recursive: true })
  writeFileSync('node_modules/commander/LICENSE', '')
  writeFileSync('node_modules/rolldown/index.js', "const fs=require('node:fs');exports.build=async()=>{" +
    "fs.mkdirSync('dist',{recursive:true});fs.writeFileSync('dist/cli.js','');fs.appendFileSync('builds','x')}")
  writeFileSync('node_modules/.package-lock.json', '{}')
}, 150)
`

export interface Ended {
  exitCode: number | null
  stdout: string
  stderr: string
}

/** A clone with exroll's own scripts, next to nothing to build, and a stand-in for npm. */
export class Clone {
  readonly folder = mkdtempSync(join(tmpdir(), 'exroll-clone-'))

  constructor() {
    cpSync(join(root, 'scripts'), join(this.folder, 'scripts'), { recursive: true })
    for (const name of ['package-lock.json', 'tsconfig.json']) this.write(name, '{}')
    this.write('package.json', '{"type":"commonjs"}')
    this.write('src/cli.ts', 'export {}')
    this.write('bin/npm', npm)
    chmodSync(join(this.folder, 'bin/npm'), 0o755)
  }

  write(name: string, text: string): void {
    const file = join(this.folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  remove(name: string): void {
    rmSync(join(this.folder, name), { recursive: true, force: true })
  }

  read(name: string): string {
    const file = join(this.folder, name)
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }

  /** How often packages were installed, and how often the sources were built. */
  work(): { installs: number; builds: number } {
    return { installs: this.read('npm-calls').split('\n').length - 1, builds: this.read('builds').length }
  }

  start(
    script: string,
    args: string[] = [],
    env: NodeJS.ProcessEnv = {},
  ): { child: ChildProcess; ended: Promise<Ended> } {
    const child = spawn(process.execPath, [join(this.folder, 'scripts', script), ...args], {
      cwd: tmpdir(),
      env: { ...process.env, PATH: `${join(this.folder, 'bin')}${delimiter}${process.env.PATH}`, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text
    })
    const ended = new Promise<Ended>((done, failed) => {
      child.on('error', failed)
      child.on('close', exitCode => done({ exitCode, stdout, stderr }))
    })
    return { child, ended }
  }

  run(script: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return this.start(script, args, env).ended
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
