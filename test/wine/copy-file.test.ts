import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  fileAgentLine,
  readFileAnswer,
  writeFileRequest,
  writeOffset,
} from '../../src/transport/winrm/files/file-agent.js'
import { windowsPrograms } from './build.js'
import { WinePrefix, whyNoWine } from './wine.js'

const reason = whyNoWine()
const title = 'the program that copies files over WinRM, unchanged, under wine'

describe.skipIf(reason !== '')(reason === '' ? title : `${title} (skipped: ${reason})`, () => {
  let windows: WinePrefix
  beforeAll(async () => {
    windows = await WinePrefix.make()
  })
  afterAll(() => windows?.close())

  const words = () => [windowsPrograms.powershell, ...fileAgentLine().split(' ').slice(1)]
  const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')

  it('goes on with a file that the program of an exroll that is gone still holds, and it can be renamed', async () => {
    const data = Buffer.from(randomBytes(150_000).toString('base64'))
    const path = 'C:\\package.msp.upload'
    const here = windows.path('package.msp.upload')
    const held = windows.start(words())
    try {
      held.stdin?.write(writeFileRequest({ verb: 'put', path, offset: 0 }))
      held.stdin?.write(data.subarray(0, 131_072))
      await expect.poll(() => existsSync(here) && statSync(here).size, { timeout: 50_000 }).toBe(131_072)
      const request = writeFileRequest({ verb: 'put', path, offset: 'ask' })
      const rest = `${writeOffset(131_072)}${data.subarray(131_072).toString()}`
      const { stdout } = await windows.run(words(), request + rest)
      const answers = stdout
        .trim()
        .split('\n')
        .map(line => readFileAnswer(line))
      expect(answers).toEqual([
        { ok: true, bytes: 131_072, sha256: sha256(data.subarray(0, 131_072)) },
        { ok: true, bytes: data.length, sha256: sha256(data) },
      ])
      const { exitCode } = await windows.run(['cmd.exe', '/c', 'move', path, 'C:\\package.msp'])
      expect(exitCode).toBe(0)
      expect(readFileSync(windows.path('package.msp')).equals(data)).toBe(true)
    } finally {
      held.kill('SIGKILL')
    }
  })
})
