import { beforeAll, describe, expect, it } from 'vitest'
import { missingHostReason, powershellHost } from '../powershell-host/host.js'
import { hostsTimeoutMs } from './memory-server/cases.js'
import { safetyNames, violations } from './memory-server/safety.js'
import { mutants } from './mutants.js'

describe.skipIf(powershellHost() === undefined)(
  `the safety of a server in a real PowerShell ${missingHostReason()}`,
  () => {
    const hits = new Map<string, number>()
    let unharmed: string[][] = []
    let found: string[][] = []

    beforeAll(async () => {
      unharmed = await violations(safetyNames.map(name => ({ name })))
      found = await violations(
        mutants.map(({ fault, check, from, to }) => ({
          name: check,
          mutate: text => {
            if (text.includes(from)) hits.set(fault, (hits.get(fault) ?? 0) + 1)
            return text.replace(from, () => to)
          },
        })),
      )
    }, hostsTimeoutMs)

    it.each(safetyNames)('holds in the case "%s" with the scripts as they are', name => {
      expect(unharmed[safetyNames.indexOf(name)]).toEqual([])
    })

    it.each(mutants)('is not there with this fault, and that is noticed: $fault', ({ fault }) => {
      expect(hits.get(fault) ?? 0, 'no script has this line any more').toBeGreaterThan(0)
      expect(found[mutants.findIndex(mutant => mutant.fault === fault)]).not.toEqual([])
    })
  },
)
