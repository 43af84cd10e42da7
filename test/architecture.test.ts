import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const src = join(root, 'src')

interface Import {
  from: string
  to: string
}

const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
  .map(entry => join(entry.parentPath, entry.name))

/** Every import of every source file: `to` is a path under src/ or a module's name. */
const imports: Import[] = files.flatMap(file => {
  const text = readFileSync(file, 'utf8')
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1] ?? '')
  return found.map(target => ({
    from: relative(src, file),
    to: target.startsWith('.') ? relative(src, resolve(dirname(file), target)) : target,
  }))
})

const inFolder = (folder: string) => (path: string) => path.startsWith(`${folder}/`)

describe('the boundaries of ARCHITECTURE.md', () => {
  it('lets output import nothing of ours but events, so that a saved journal replays', () => {
    const edges = imports.filter(
      ({ from, to }) =>
        inFolder('output')(from) &&
        isOurs(to) &&
        !inFolder('events')(to) &&
        !inFolder('output')(to) &&
        to !== 'errors.js',
    )
    expect(edges).toEqual([])
  })

  it('keeps the pure folders free of node, clock and randomness', () => {
    const pureFiles = [
      'cluster-turn',
      'drift',
      'forecast',
      'machine',
      'prior',
      'setting-forecast',
      'told',
      'verdict',
    ].map(name => `run/${name}.ts`)
    const pure = ['input', 'inventory', 'playbook', 'plan', 'events', 'diagnosis']
    const asking = ['discover/exchange-shell.ts', 'discover/ldap.ts']
    const isPure = (path: string) =>
      pure.some(folder => inFolder(folder)(path)) || pureFiles.includes(path) || isDiscovered(path)
    const isDiscovered = (path: string) => inFolder('discover')(path) && !asking.includes(path)
    expect(imports.filter(({ from, to }) => isPure(from) && to.startsWith('node:'))).toEqual([])
    const impure = files
      .filter(file => isPure(relative(src, file)))
      .filter(file =>
        /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b/.test(
          withoutComments(readFileSync(file, 'utf8')),
        ),
      )
    expect(impure).toEqual([])
  })

  it('lets the way to a runner know nothing but events and wishes', () => {
    const edges = imports.filter(
      ({ from, to }) =>
        inFolder('control')(from) && isOurs(to) && !['control', 'events'].some(folder => inFolder(folder)(to)),
    )
    expect(edges.filter(({ to }) => !['errors.js', 'private-folder.js'].includes(to))).toEqual([])
  })

  it('lets only the lab and demo commands reach the lab', () => {
    const edges = imports.filter(
      ({ from, to }) =>
        inFolder('lab')(to) && !inFolder('lab')(from) && !['commands/lab.ts', 'commands/demo.ts'].includes(from),
    )
    expect(edges).toEqual([])
  })

  it('lets transports know nothing of Exchange, scripts or runs', () => {
    const edges = imports.filter(
      ({ from, to }) =>
        inFolder('transport')(from) &&
        ['scripts', 'run', 'products', 'diagnosis', 'plan'].some(folder => inFolder(folder)(to)),
    )
    expect(edges).toEqual([])
  })

  it('lets each layer of WinRM know only those below it', () => {
    const layers = 'crypto spnego soap http ntlm sealing kerberos auth channel wsman shell files'.split(' ')
    const home = 'transport/winrm/'
    const layerOf = (path: string) => (path.startsWith(home) ? layers.indexOf(path.split('/')[2] ?? '') : undefined)
    const edges = imports.filter(({ from, to }) => {
      const [above, below] = [layerOf(from), layerOf(to)]
      // What stands beside the folders puts the layers together.
      return above !== undefined && above >= 0 && below !== undefined && (below < 0 || below > above)
    })
    expect(edges).toEqual([])
    const known = new Set(files.map(file => relative(src, file)).flatMap(path => layerOf(path) ?? []))
    expect([...known].sort((a, b) => a - b)).toEqual([-1, ...layers.keys()])
  })

  it('lets diagnose start without ssh2, the lab or a run', () => {
    const reached = new Set<string>()
    const follow = (file: string) => {
      if (reached.has(file)) return
      reached.add(file)
      for (const { to } of imports.filter(({ from }) => from === file)) {
        follow(isOurs(to) ? to.replace(/\.js$/, '.ts') : to)
      }
    }
    follow('commands/diagnose.ts')
    expect([...reached].filter(file => ['ssh2', 'ink', 'react', 'p-queue'].includes(file))).toEqual([])
    expect([...reached].filter(file => inFolder('lab')(file) || inFolder('run')(file))).toEqual([])
  })

  it('sets process.exitCode in cli.ts only', () => {
    const setters = files.filter(file => /process\.exit(Code\s*=|\()/.test(withoutComments(readFileSync(file, 'utf8'))))
    expect(setters.map(file => relative(src, file))).toEqual(['cli.ts'])
  })

  it('lets one file know where files lie on this machine: the build puts those of src elsewhere', () => {
    const knowing = files.filter(file => /import\.meta\b/.test(withoutComments(readFileSync(file, 'utf8'))))
    expect(knowing.map(file => relative(src, file))).toEqual(['package-file.ts'])
  })

  it('names no file after nothing in particular', () => {
    const vague = files.filter(file => /(^|[-/])(utils?|helpers?|common|misc|manager)\.ts$/.test(file))
    expect(vague).toEqual([])
  })
})

function isOurs(target: string): boolean {
  return target.endsWith('.js') && !target.startsWith('node:') && !target.startsWith('@')
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}
