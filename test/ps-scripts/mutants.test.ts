import { beforeAll, describe, expect, it } from 'vitest'
import { missingHostReason, powershellHost, powershells } from '../powershell-host/host.js'
import { hostsTimeoutMs } from './memory-server/cases.js'
import { safetyNames, violations } from './memory-server/safety.js'
import { mutants } from './mutants.js'

describe.skipIf(powershellHost() === undefined)(
  `the safety of a server in a real PowerShell ${missingHostReason()}`,
  () => {
    const hits = new Map<string, number>()
    const unharmed = new Map<string, string[][]>()
    let found: string[][] = []

    beforeAll(async () => {
      const checks = safetyNames.map(name => ({ name }))
      for (const { name, program } of powershells()) unharmed.set(name, await violations(checks, program))
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

    describe.each(powershells())('on $name', ({ name }) => {
      it.each(safetyNames)('holds in the case "%s" with the scripts as they are', check => {
        expect(unharmed.get(name)?.[safetyNames.indexOf(check)]).toEqual([])
      })
    })

    it.each(mutants)('is not there with this fault, and that is noticed: $fault', ({ fault }) => {
      expect(hits.get(fault) ?? 0, 'no script has this line any more').toBeGreaterThan(0)
      expect(found[mutants.findIndex(mutant => mutant.fault === fault)]).not.toEqual([])
    })
  },
)
