import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors.js'
import type { SecretSource } from '../../src/inventory/model.js'
import { type ResolveContext, resolveSecret } from '../../src/secrets/resolve.js'

const posix = process.platform !== 'win32'
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-secrets-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function fileOf(content: string | Buffer, mode = 0o600): SecretSource {
  const file = join(folder, `secret-${Math.random()}`)
  writeFileSync(file, content)
  chmodSync(file, mode)
  return { file }
}

/** The error of a source that does not give a secret; never with the secret in it. */
async function failure(source: SecretSource, context: Partial<ResolveContext> = {}): Promise<UsageError> {
  const error = await resolveSecret(source, { env: {}, ...context }).catch(error => error)
  expect(error).toBeInstanceOf(UsageError)
  expect(error.hint).toEqual(expect.any(String))
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('hunter2')
  return error
}

const node = (script: string): SecretSource => ({ command: [process.execPath, '-e', script] })

describe('resolveSecret', () => {
  it('takes an environment variable as it is', async () => {
    expect(await resolveSecret({ env: 'PW' }, { env: { PW: ' hunter2\n' } })).toBe(' hunter2\n')
  })

  it('names the environment variable that is not set', async () => {
    const error = await failure({ env: 'PW' }, { env: { OTHER: 'hunter2' } })
    expect(error.code).toBe('SECRET_ENV_MISSING')
    expect(error.message).toContain('PW')
  })

  it.for([
    ['hunter2\n', 'hunter2'],
    ['hunter2\r\n', 'hunter2'],
    ['hunter2\n\n', 'hunter2\n'],
    ['hunter2', 'hunter2'],
    [' hün ter2 ', ' hün ter2 '],
  ] as const)('takes the file %j without its last newline', async ([content, secret]) => {
    expect(await resolveSecret(fileOf(content), { env: {} })).toBe(secret)
  })

  it.skipIf(!posix).for([0o640, 0o604, 0o620, 0o602, 0o777])(
    'refuses a file of mode %o and says what to run',
    async mode => {
      const source = fileOf('hunter2', mode)
      const error = await failure(source)
      expect(error.code).toBe('SECRET_FILE_OPEN')
      expect(error.hint).toContain(`chmod 600 '${'file' in source && source.file}'`)
    },
  )

  it.skipIf(!posix)('takes a file that only its owner may read', async () => {
    expect(await resolveSecret(fileOf('hunter2', 0o400), { env: {} })).toBe('hunter2')
  })

  it('says which file is not there', async () => {
    const file = join(folder, 'no such file')
    const error = await failure({ file })
    expect(error).toMatchObject({ code: 'SECRET_FILE_UNREADABLE', message: expect.stringContaining(file) })
    expect(await failure({ file: folder })).toMatchObject({
      code: posix ? 'SECRET_FILE_UNREADABLE' : expect.any(String),
    })
  })

  it('takes what a command prints, started without a shell', async () => {
    expect(await resolveSecret(node('console.log("hunter2")'), { env: {} })).toBe('hunter2')
    const literal: SecretSource = {
      command: [process.execPath, '-e', 'process.stdout.write(process.argv[1])', '$HOME `id` "x" | cat'],
    }
    expect(await resolveSecret(literal, { env: {} })).toBe('$HOME `id` "x" | cat')
  })

  it('gives a command the environment, and no input', async () => {
    const source = node('process.stdin.resume(); process.stdin.on("end", () => process.stdout.write(process.env.PW))')
    expect(await resolveSecret(source, { env: { PW: 'hunter2' } })).toBe('hunter2')
  })

  it.for([
    [
      'ends with an error',
      'process.stdout.write("hunter2"); console.error("hunter2"); process.exitCode = 7',
      'ended with 7',
    ],
    ['prints without end', 'process.stdout.write("hunter2".repeat(100000))', 'printed too much'],
    ['does not end', 'process.stdout.write("hunter2"); setInterval(() => 0, 1000)', 'did not end in time'],
  ] as const)('refuses a command that %s, without its output', async ([, script, says]) => {
    const error = await failure(node(script), { commandTimeoutMs: 1500 })
    expect(error.code).toBe('SECRET_COMMAND_FAILED')
    expect(error.message).toContain(says)
  })

  it('refuses a command that is not there, or empty, without its arguments', async () => {
    const error = await failure({ command: [join(folder, 'none'), '--token', 'hunter2'] })
    expect(error).toMatchObject({ code: 'SECRET_COMMAND_FAILED', message: expect.stringContaining('none') })
    expect(await failure({ command: [] })).toMatchObject({ code: 'SECRET_COMMAND_FAILED' })
  })

  it('asks the operator for whom', async () => {
    const asked: string[] = []
    const prompt = async (subject: string) => {
      asked.push(subject)
      return 'hunter2'
    }
    expect(await resolveSecret({ prompt: true }, { env: {}, prompt, subject: 'Password for ops' })).toBe('hunter2')
    expect(asked).toEqual(['Password for ops'])
  })

  it('refuses to ask without a terminal', async () => {
    expect(await failure({ prompt: true })).toMatchObject({ code: 'SECRET_NO_TERMINAL' })
  })

  it('refuses an empty secret from any source', async () => {
    expect(await failure({ env: 'PW' }, { env: { PW: '' } })).toMatchObject({ code: 'SECRET_EMPTY' })
    expect(await failure(fileOf('\n'))).toMatchObject({ code: 'SECRET_EMPTY' })
    expect(await failure(node('0'))).toMatchObject({ code: 'SECRET_EMPTY' })
    expect(await failure({ prompt: true }, { prompt: async () => '' })).toMatchObject({ code: 'SECRET_EMPTY' })
  })
})
