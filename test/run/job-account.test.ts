import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ScriptError } from '../../src/errors.js'
import { createJobAccount } from '../../src/run/job-account.js'

const refused = () =>
  new ScriptError('the user name or password is wrong; it was tried once', {
    code: 'JOB_ACCOUNT_REFUSED',
    hint: 'Correct it.',
  })
const broken = () => new ScriptError('no task can be run', { code: 'JOB_ACCOUNT_FAILED' })

/** Servers in any order and at any time; each try takes some turns. Returns who tried and how each ended. */
async function tryAll(username: string, ends: { turns: number; end: 'fine' | 'refused' | 'broken' }[]) {
  const account = createJobAccount({ username }, async () => 'secret')
  const tried: number[] = []
  let atOnce = 0
  let mostBeforeProof = 0
  let proven = false
  const outcomes = await Promise.all(
    ends.map(({ turns, end }, index) =>
      account
        .tryOn(`ex-${index}`, async () => {
          tried.push(index)
          atOnce += 1
          if (!proven) mostBeforeProof = Math.max(mostBeforeProof, atOnce)
          for (let turn = 0; turn < turns; turn++) await new Promise(resolve => setImmediate(resolve))
          atOnce -= 1
          if (end === 'refused') throw refused()
          if (end === 'broken') throw broken()
          proven = true
          return 'fine'
        })
        .catch((error: unknown) => (error as ScriptError).message),
    ),
  )
  return { tried, outcomes, mostBeforeProof }
}

const ends = fc.array(
  fc.record({ turns: fc.integer({ min: 0, max: 4 }), end: fc.constantFrom('fine', 'refused', 'broken') }),
  { minLength: 1, maxLength: 12 },
)

describe('the account of a run', () => {
  it('is tried on one server at a time until one has let it in', async () => {
    await fc.assert(
      fc.asyncProperty(ends, async servers => {
        const { mostBeforeProof } = await tryAll('CONTOSO\\exjob', servers)
        expect(mostBeforeProof).toBe(1)
      }),
      { numRuns: 60 },
    )
  })

  it('with a wrong password is tried once, however many servers there are, and all say why', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 40 }), async turns => {
        const { tried, outcomes } = await tryAll(
          'CONTOSO\\exjob',
          turns.map(each => ({ turns: each, end: 'refused' })),
        )
        expect(tried).toEqual([0])
        const [first, ...others] = outcomes
        expect(first).toBe(refused().message)
        for (const other of others) expect(other).toBe(`not tried here, because ex-0 refused it: ${refused().message}`)
      }),
      { numRuns: 40 },
    )
  })

  it('goes to all at once behind the first, also when that first had troubles of its own', async () => {
    const { tried, outcomes } = await tryAll('CONTOSO\\exjob', [
      { turns: 3, end: 'broken' },
      { turns: 2, end: 'fine' },
      { turns: 0, end: 'fine' },
      { turns: 0, end: 'fine' },
    ])
    expect(tried).toEqual([0, 1, 2, 3])
    expect(outcomes).toEqual([broken().message, 'fine', 'fine', 'fine'])
  })

  it.each(['.\\Administrator', 'CONTOSO\\exroll$'])(
    'is another on each server, or locks nobody out: %s',
    async username => {
      const { tried } = await tryAll(username, [
        { turns: 1, end: 'refused' },
        { turns: 1, end: 'refused' },
        { turns: 0, end: 'fine' },
      ])
      expect(tried).toEqual([0, 1, 2])
    },
  )

  it('has an empty password where only the domain knows it', async () => {
    const account = createJobAccount({ username: 'CONTOSO\\exroll$' }, async () => undefined)
    const server = { ...{ name: 'a', host: 'a', port: 22, transport: 'ssh' as const, roles: [], groups: [] } }
    const credential = { name: 'x', username: 'x' }
    expect(await account.password({ ...server, internetFacing: false, credential, ssh: {}, winrm: {} })).toBe('')
  })
})
