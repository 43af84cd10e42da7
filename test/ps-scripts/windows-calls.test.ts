import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { worldCallNames } from '../../src/lab/powershell-engine/world-calls.js'
import { scriptsFolder } from '../../src/scripts/load.js'
import { missingHostReason } from '../powershell-host/host.js'
import { type ScriptFacts, scriptFacts } from './script-facts.js'

const reason = missingHostReason()

/** Files of these folders of ps-scripts. */
function filesOf(...folders: string[]): string[] {
  return readdirSync(scriptsFolder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ps1') && folders.includes(name.split(sep)[0] ?? ''))
    .map(name => join(scriptsFolder, name))
}

/** Each function's parameters with their types, in order. */
function signatures(facts: ScriptFacts[]): Map<string, string> {
  return new Map(
    facts.flatMap(({ functions }) =>
      functions.map(({ name, parameters }) => [name, parameters.map(one => `${one.type} ${one.name}`).join(', ')]),
    ),
  )
}

describe.skipIf(reason !== '')(
  reason === '' ? 'the Windows calls and what stands in for them' : `the Windows calls (skipped: ${reason})`,
  () => {
    const windows = () => signatures(scriptFacts(filesOf('windows')))
    const lab = () => signatures(scriptFacts([join(scriptsFolder, 'lab', 'WindowsCalls.ps1')]))

    it('have the same parameters, for every one that a script uses', () => {
      const real = windows()
      const double = lab()
      const used = new Set(
        scriptFacts(filesOf('server', 'job', 'shared')).flatMap(({ commands }) => commands.map(({ name }) => name)),
      )
      const called = [...real.keys()].filter(name => used.has(name))
      expect(called.length).toBeGreaterThan(30)
      expect(called.map(name => [name, double.get(name)])).toEqual(called.map(name => [name, real.get(name)]))
    })

    it('are all that the lab is asked, and the lab has an answer for each', () => {
      const text = readFileSync(join(scriptsFolder, 'lab', 'WindowsCalls.ps1'), 'utf8')
      const asked = [...text.matchAll(/Invoke-World '([\w-]+)'/g)].map(([, name]) => name)
      expect([...new Set(asked)].sort()).toEqual([...worldCallNames].sort())
    })
  },
)
