import { describe, expect, it } from 'vitest'
import { missingHostReason, powershells } from '../../powershell-host/host.js'
import { whyNoSshd } from '../../transport/sshd.js'
import { type ContractOptions, contractServer } from './contract-server.js'
import { everyCall } from './every-call.js'
import { overSshd } from './over-sshd.js'

const reason = missingHostReason() || ((await whyNoSshd()) ?? '')

async function story(options: Omit<ContractOptions, 'faults'>): Promise<unknown> {
  const contract = await contractServer({ ...options, faults: [] })
  try {
    return await everyCall(contract)
  } finally {
    await contract.close()
  }
}

describe.skipIf(reason !== '')(
  reason === '' ? "every script through OpenSSH's sshd" : `every script through OpenSSH's sshd (skipped: ${reason})`,
  () => {
    it.each(powershells())(
      'answers as the model does, on $name',
      async ({ program }) => {
        expect(await story({ program, over: overSshd })).toEqual(await story({}))
      },
      1_200_000,
    )
  },
)
