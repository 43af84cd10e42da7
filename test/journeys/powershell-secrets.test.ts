import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeEvents } from '../../src/events/codec.js'
import { missingPwsh } from '../powershell/missing-pwsh.js'
import { canWatch, filesWith, formsOf, watchProcesses } from '../process-watch.js'
import { applyRollup, exroll } from './exroll.js'

const reason = missingPwsh() || (canWatch ? '' : 'no /proc here to look at processes')

/** It looks like a date: text that PowerShell's JSON would take for something else is a password too. */
const secret = '2026-11-26T00:00:00Z'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-hosted-secret-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(reason !== '')(
  `a password for the hosted PowerShell${reason && ` (skipped: ${reason})`}`,
  { timeout: 120_000 },
  () => {
    it('is on no command line, in no environment of a child, history, debug output, journal or file', async () => {
      const inventory = join(folder, 'fleet.yaml')
      writeFileSync(join(folder, 'password'), `${secret}\n`, { mode: 0o600 })
      writeFileSync(
        inventory,
        `credentials: { one: { username: 'EXLAB\\exadmin', password: { file: password } } }
defaults: { transport: powershell, credential: one, powershell: { over: winrm, authentication: negotiate } }
servers: [{ name: ex-cas-01, host: 127.0.0.1, port: 9, roles: [cas] }]
`,
      )
      const watched = ['home', 'tmp', 'runs'].map(name => join(folder, name))
      for (const each of watched) mkdirSync(each)
      const [HOME, TMPDIR, runs = ''] = watched
      const words = ['run', applyRollup, '-i', inventory, '--ui', 'ndjson', '--yes', '--runs-dir', runs]
      const debug = { DEBUG: '*', NODE_DEBUG: 'child_process,stream,net,fs,timer', PSModulePath: '' }
      const started = exroll(words, { HOME, TMPDIR, XDG_CONFIG_HOME: '', XDG_DATA_HOME: '', ...debug })
      const watch = watchProcesses(started.child.pid ?? 0)
      const { stdout, stderr } = await started.ended
      const seen = watch.stop()
      const [finished] = decodeEvents(stdout).events.filter(event => event.type === 'step.finished')
      // New-PSSession was called: outside Windows it has no client for WinRM, and says so whatever the password is.
      expect(finished?.error?.message, stderr).toMatch(/127\.0\.0\.1:9 gave no PowerShell session: .*WSMan/)
      expect(seen.some(({ argv }) => argv.includes('-NonInteractive'))).toBe(true)
      for (const form of formsOf(secret)) {
        for (const { argv, environment } of seen) expect(argv + environment).not.toContain(form)
        expect(stdout).not.toContain(form)
        expect(stderr).not.toContain(form)
      }
      expect(watched.flatMap(each => filesWith(each, formsOf(secret)))).toEqual([])
    })
  },
)
