import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Clone } from './clone.js'

interface File {
  status: 'passed' | 'failed'
  tests: ('passed' | 'failed' | 'pending')[]
  seconds?: number
  name?: string
}

describe('scripts/test.mjs', () => {
  let clone: Clone

  beforeEach(() => {
    clone = new Clone()
    tool('typescript/bin/tsc', 0)
    tool('@biomejs/biome/bin/biome', 0)
  })
  afterEach(() => clone.dispose())

  function tool(path: string, exitCode: number): void {
    clone.write(
      `node_modules/${path}`,
      `require('node:fs').appendFileSync('ran', '${path} ');process.exit(${exitCode})`,
    )
  }

  /** A stand-in for vitest with these results, or without any. */
  function vitest(files: File[] | undefined, exitCode: number): void {
    const testResults = files?.map(({ status, tests, seconds = 1, name }, at) => ({
      name: join(clone.folder, name ?? `file-${at}.test.ts`),
      ...{ startTime: 5_000, endTime: 5_000 + 1000 * seconds },
      ...{ status, message: status === 'failed' ? 'no such module' : '' },
      assertionResults: tests.map((result, number) => ({ status: result, fullName: `test ${number}` })),
    }))
    const results = JSON.stringify(JSON.stringify({ testResults }))
    const write =
      files === undefined
        ? ''
        : `import { writeFileSync } from 'node:fs'
           const file = process.argv.find(word => word.startsWith('--outputFile.json=')).slice(18)
           writeFileSync(file, ${results});`
    const note = "process.stdout.write('set: ' + process.env.EXROLL_TESTS + ', ' + process.argv.slice(5) + '\\n')"
    clone.write('node_modules/vitest/vitest.mjs', `${write}\n${note}\nprocess.exit(${exitCode})`)
  }

  async function ends(args: string[] = [], env: NodeJS.ProcessEnv = {}) {
    const { exitCode, stdout } = await clone.run('test.mjs', args, { EXROLL_STRICT: '', EXROLL_TESTS: '', ...env })
    return { exitCode, last: stdout.trimEnd().split('\n').at(-1), stdout }
  }

  it('counts what passed and ends with 0', async () => {
    vitest([{ status: 'passed', tests: ['passed', 'passed', 'pending'] }], 0)
    const { exitCode, last, stdout } = await ends()
    expect([exitCode, last]).toEqual([0, 'tests: 2 passed, 0 failed'])
    expect(stdout).toContain('skipped: 1')
  })

  it.each<[string, File[] | undefined, number, string]>([
    ['a failed test', [{ status: 'failed', tests: ['passed', 'failed'] }], 1, 'tests: 1 passed, 1 failed'],
    [
      'a file that cannot be loaded beside a failed test',
      [
        { status: 'failed', tests: ['passed', 'failed'] },
        { status: 'failed', tests: [] },
      ],
      1,
      'tests: 1 passed, 2 failed',
    ],
    ['an error outside every test', [{ status: 'passed', tests: ['passed'] }], 1, 'tests: 1 passed, 1 failed'],
    ['a runner that left no results', undefined, 1, 'tests: 0 passed, 1 failed'],
    ['a runner that left no results and says 0', undefined, 0, 'tests: 0 passed, 1 failed'],
  ])('counts %s and ends with 1', async (_what, files, status, line) => {
    vitest(files, status)
    const { exitCode, last } = await ends()
    expect([exitCode, last]).toEqual([1, line])
  })

  it.each([
    ['the type check', 'typescript/bin/tsc', 'types: FAILED'],
    ['the linter', '@biomejs/biome/bin/biome', 'lint: FAILED'],
  ])('counts %s as failed and still runs the tests', async (_what, path, said) => {
    tool(path, 1)
    vitest([{ status: 'passed', tests: ['passed'] }], 0)
    const { exitCode, last, stdout } = await ends()
    expect([exitCode, last]).toEqual([1, 'tests: 1 passed, 1 failed'])
    expect(stdout).toContain(said)
  })

  it('says which files took long, the slowest first', async () => {
    const tests = ['passed' as const]
    vitest(
      [12, 3, 47].map(seconds => ({ status: 'passed', tests, seconds })),
      0,
    )
    expect((await ends()).stdout).toContain('slow: 47 s file-2.test.ts\nslow: 12 s file-0.test.ts\ntests: 3 passed')
  })

  it('chooses the set of tests by --slow and --full, which the runner of the tests does not see', async () => {
    vitest([{ status: 'passed', tests: ['passed'] }], 0)
    expect((await ends(['--full'])).stdout).toMatch(/^set: full, --outputFile\.json=\S+$/m)
    expect((await ends(['--slow'])).stdout).toMatch(/^set: slow, --outputFile\.json=\S+$/m)
    expect((await ends([])).stdout).toMatch(/^set: , /m)
    expect(clone.read('ran')).toContain('typescript/bin/tsc')
  })

  it('counts a skipped test of the scripts as failed where nothing may be skipped, and only there', async () => {
    const tests = ['passed' as const, 'pending' as const]
    vitest(
      [
        { status: 'passed', tests, name: 'test/wine/a.test.ts' },
        { status: 'passed', tests, name: 'test/plan/b.test.ts' },
      ],
      0,
    )
    expect(await ends()).toMatchObject({ exitCode: 0, last: 'tests: 2 passed, 0 failed' })
    expect(await ends([], { EXROLL_STRICT: '1' })).toMatchObject({ exitCode: 1, last: 'tests: 2 passed, 1 failed' })
  })

  it('checks types and lint only with all of the tests', async () => {
    vitest([{ status: 'passed', tests: ['passed'] }], 0)
    await ends(['test/plan'])
    expect(clone.read('ran')).toBe('')
    await ends()
    expect(clone.read('ran')).toBe('typescript/bin/tsc @biomejs/biome/bin/biome ')
  })
})
