import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askPowerShell } from '../../src/powershell/ask.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-ask-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A program that reads its input, writes `stderr`, and ends with 3. */
function failing(name: string, stderr: string): string {
  const file = join(folder, name)
  writeFileSync(`${file}.txt`, stderr)
  writeFileSync(file, `#!/bin/sh\ncat >/dev/null\ncat '${file}.txt' >&2\nexit 3\n`)
  chmodSync(file, 0o755)
  return file
}

describe.skipIf(process.platform === 'win32')('a PowerShell that fails (a stand-in; skipped on Windows)', () => {
  it.for<[string, string]>([
    ['plain', 'No such cmdlet.\r\nAt line:1\r\n'],
    [
      'clixml',
      '#< CLIXML\r\n<Objs xmlns="urn:x"><Obj S="progress" RefId="0"></Obj><S S="Error">No such cmdlet._x000D__x000A_</S><S S="Error">At line:1_x000D__x000A_</S></Objs>',
    ],
  ])('is told of in words: %s', async ([name, stderr]) => {
    const answer = await askPowerShell({
      program: failing(name, stderr),
      env: process.env,
      script: 'Get-Nothing',
      timeoutMs: 60_000,
    })
    expect(answer).toEqual({ failed: 'it ended with 3: No such cmdlet.; At line:1' })
  })
})
