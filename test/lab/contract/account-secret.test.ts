import { describe, expect, it } from 'vitest'
import { missingHostReason, powershells } from '../../powershell-host/host.js'
import { canWatch, formsOf, watchProcesses } from '../../process-watch.js'
import { contractServer } from './contract-server.js'

const reason = missingHostReason() || (canWatch ? '' : 'no /proc here to look at processes')
const secret = 'Tr0ub4dor&3 "and" $more'

describe.skipIf(reason !== '')(
  `the password of an account that installs run as${reason && ` (skipped: ${reason})`}`,
  { timeout: 200_000 },
  () => {
    it('is on no command line and in no environment of a server’s PowerShells: those of calls and those of its tasks', async () => {
      const [powershell] = powershells()
      const contract = await contractServer({
        faults: [],
        ...(powershell !== undefined && { program: powershell.program }),
      })
      const watch = watchProcesses(process.pid)
      try {
        for (const account of contract.server.accounts) account.password = secret
        const asked = { Run: 'r1', Account: 'EXLAB\\exjob', AccountPassword: secret }
        expect(await contract.call('Test-JobAccount', asked)).toEqual({
          data: { sid: contract.server.accounts[1]?.sid },
        })
      } finally {
        await contract.close()
      }
      const seen = watch.stop()
      // The call, and the task of the account that it starts.
      expect(seen.filter(({ argv }) => argv.includes('-EncodedCommand')).length).toBeGreaterThanOrEqual(2)
      for (const form of formsOf(secret))
        for (const { argv, environment } of seen) expect(argv + environment).not.toContain(form)
    })
  },
)
