import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scriptParameters } from '../../src/scripts/catalog.js'
import { scriptsFolder } from '../../src/scripts/load.js'
import { missingHostReason, powershellHost, runHost } from '../powershell-host/host.js'

const powershellTypes = { string: 'string', int: 'long', flag: 'int', strings: 'string[]' } as const

/** What a script's `param()` block must be for its entry in the catalog. */
function expected(parameters: Record<string, keyof typeof powershellTypes>) {
  return Object.entries(parameters).map(([name, type]) => ({ name, type: powershellTypes[type] }))
}

describe('the catalog of calls', () => {
  it('has an entry for every script that is called on a server, and no other', () => {
    const files = readdirSync(join(scriptsFolder, 'server')).map(name => name.replace(/\.ps1$/, ''))
    expect(Object.keys(scriptParameters).sort()).toEqual(files.sort())
  })

  it.skipIf(powershellHost() === undefined)(
    `gives every parameter the name, place and type that the script gives it ${missingHostReason()}`,
    async () => {
      const names = Object.keys(scriptParameters)
      const { stdout } = await runHost(['--parse', ...names.map(name => join(scriptsFolder, 'server', `${name}.ps1`))])
      const scripts: { parameters: { name: string; type: string }[] }[] = JSON.parse(stdout)
      const found = Object.fromEntries(
        scripts.map(({ parameters }, index) => [names[index], parameters.map(({ name, type }) => ({ name, type }))]),
      )
      expect(found).toEqual(
        Object.fromEntries(Object.entries(scriptParameters).map(([name, parameters]) => [name, expected(parameters)])),
      )
    },
  )
})
