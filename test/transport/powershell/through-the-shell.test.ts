import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSecrets } from '../../../src/secrets/secrets.js'
import { powershellTransport } from '../../../src/transport/powershell/powershell-transport.js'
import { createShellKeeper } from '../../../src/transport/powershell/shell-keeper.js'
import type { Session } from '../../../src/transport/transport.js'
import { type EngineBehindSshd, engineBehindSshd, pwsh, whyNotHosted } from './engine-behind-sshd.js'

const reason = await whyNotHosted()
const limit = 300_000

/** What shells, JSON and PowerShell have eaten before: quotes, expansions, drives, line ends, marks, what looks like a date or a number. */
const awkward = [
  'with spaces and a trailing one ',
  `it's "quoted" ''twice''`,
  '$(whoami) $env:PATH $x @{a=1}',
  '`n `$ `` end`',
  'C:\\x',
  'C:\\Program Files\\Exchange\\$1',
  'Grüße Ελλάδα 日本 🜚 e\u0301 \u00a0',
  '--%',
  '; exit 1 # | & < >',
  "'@",
  '"@',
  '2026-11-26T00:00:00Z',
  '\\/Date(0)\\/',
  '{"id":1,"ended":"ran"}',
  'exroll-host e30=',
  '\u001b[31m',
  'tab\tand\r\nline ends\n',
  '=',
  '-Path',
  '0x10',
]
/** Any text that is text: lone surrogates have no UTF-8. */
const anyText = fc
  .array(fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })), {
    minLength: 1,
    maxLength: 3,
  })
  .map(parts => parts.join('').replaceAll('\0', ''))
/** A name of one file: no slash, not too long for a file system. */
const fileName = anyText
  .map(text => cut(text.replaceAll('/', '')))
  .filter(name => name !== '' && name !== '.' && name !== '..')
const data = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ minLength: 100 * 1024, maxLength: 100 * 1024, size: 'max' }),
)

function cut(text: string): string {
  let short = text
  while (Buffer.byteLength(short) > 200) short = [...short].slice(0, -1).join('')
  return short
}

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')
const forSh = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

describe.skipIf(reason !== undefined)(
  `through one hosted PowerShell to a real engine${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let far: EngineBehindSshd
    let session: Session
    let leave: () => void
    beforeAll(async () => {
      far = await engineBehindSshd()
      const keeper = createShellKeeper({ ...process.env, EXROLL_PWSH: pwsh })
      leave = keeper.use()
      session = await powershellTransport(far.server, { secrets: openSecrets({ env: {} }), keeper }).connect()
    }, limit)
    afterAll(async () => {
      await session?.close()
      leave?.()
      await far?.close()
    }, limit)

    it(
      'any file arrives under its name, byte for byte, and comes back so',
      async () => {
        const examples: [string, Uint8Array][] = awkward
          .filter(name => !name.includes('/'))
          .map(name => [name, Buffer.from(name)])
        await fc.assert(
          fc.asyncProperty(fileName, data, async (name, bytes) => {
            const there = join(far.files, name)
            const back = join(far.folder, 'back')
            const expected = { bytes: bytes.length, sha256: sha256(bytes) }
            expect(await session.upload(bytes, there)).toEqual(expected)
            expect(readdirSync(far.files)).toEqual([name])
            expect(sha256(readFileSync(there))).toBe(expected.sha256)
            expect(await session.download(there, back)).toEqual(expected)
            expect(sha256(readFileSync(back))).toBe(expected.sha256)
            rmSync(there)
          }),
          { numRuns: 60, examples, interruptAfterTimeLimit: 60_000 },
        )
      },
      limit,
    )

    it(
      'any text arrives in a command line and on its stdin as it is, and any output comes back as it is',
      async () => {
        const examples: [string, string][] = awkward.map(text => [text, text])
        await fc.assert(
          fc.asyncProperty(anyText, anyText, async (word, input) => {
            const line = `printf '%s' ${forSh(word)}; cat; printf '%s' ${forSh(word)} >&2`
            const { exitCode, stdout, stderr } = await session.run({ line, stdin: input })
            expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: word + input, stderr: word })
          }),
          { numRuns: 60, examples, interruptAfterTimeLimit: 60_000 },
        )
      },
      limit,
    )
  },
)
