import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const src = resolve(import.meta.dirname, '../../../src')
const dashboard = join(src, 'output', 'dashboard')

/** Modules that are loaded with a file: `import()` loads later, a type never. */
function loadedBy(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const found = text.matchAll(/^(?:import|export)(?! type)[^']*? from '([^']+)'/gm)
  return [...found].map(([, target = '']) =>
    target.startsWith('.') ? resolve(dirname(file), target.replace(/\.js$/, '.ts')) : target,
  )
}

function reachedFrom(...entries: string[]): string[] {
  const reached = new Set<string>()
  const follow = (file: string) => {
    if (reached.has(file)) return
    reached.add(file)
    if (file.startsWith(src)) for (const next of loadedBy(file)) follow(next)
  }
  for (const entry of entries) follow(join(dashboard, entry))
  return [...reached]
}

const external = (files: string[]) => files.filter(file => !file.startsWith(src))

describe('the boundaries of the dashboard', () => {
  it('draws, moves and reads keys without Ink, React, Node, a clock or chance', () => {
    const pure = reachedFrom('layout.ts', 'act.ts', 'keys.ts', 'paint.ts', 'words.ts', 'closing.ts', 'options.ts')
    expect(pure.length).toBeGreaterThan(20)
    expect(external(pure)).toEqual(['string-width'])
    const impure = pure
      .filter(file => file.startsWith(src))
      .filter(file =>
        /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b|\bprocess\./.test(
          readFileSync(file, 'utf8'),
        ),
      )
    expect(impure).toEqual([])
  })

  it('knows Ink and React in one file', () => {
    const files = readdirSync(dashboard).map(name => join(dashboard, name))
    const knowing = files.filter(file => loadedBy(file).some(module => module === 'ink' || module === 'react'))
    expect(knowing.map(file => relative(dashboard, file))).toEqual(['screen.ts'])
  })

  it('loads Ink only when a picture is drawn', () => {
    expect(external(reachedFrom('show-dashboard.ts', 'show-words.ts', 'replay.ts'))).not.toContain('ink')
  })

  it('acts on a run through nothing but wishes', () => {
    const ours = reachedFrom('show-dashboard.ts').filter(file => file.startsWith(src))
    const folders = new Set(ours.map(file => relative(src, file).split('/')[0]))
    expect([...folders].sort()).toEqual(['errors.ts', 'events', 'output'])
  })
})
