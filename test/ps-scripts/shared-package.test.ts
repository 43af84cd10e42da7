import { beforeAll, describe, expect, it } from 'vitest'
import type { ScriptArguments } from '../../src/scripts/catalog.js'
import { missingHostReason, powershellHost } from '../powershell-host/host.js'
import {
  answer,
  type Case,
  call,
  copyScript,
  hostsTimeoutMs,
  refusal,
  runCases,
  type Step,
  type StepResult,
} from './memory-server/cases.js'
import { packageBytes, packageFile, packageName, packageSha256, run, searchFiles } from './memory-server/steps.js'
import { jobName, jobSid } from './memory-server/world.js'

const password = 'Pa ss"w0rd'
const share = `\\\\fs01\\updates\\${packageName}`
const task = `exroll-copy-${run}`
const win32 = 0x80070000
const part = `${packageFile}.part`
const claim = `ProgramData/exroll/runs/${run}/copy.claim`

const copy = (change: Partial<ScriptArguments<'Copy-SharedPackage'>> = {}): Step =>
  call('Copy-SharedPackage', {
    ...{ Run: run, Name: packageName, Sha256: packageSha256, Share: share },
    ...{ CopyScript: copyScript.text, CopySha256: copyScript.sha256 },
    ...{ Account: '', AccountPassword: '', WaitSeconds: 60 },
    ...change,
  })
const complete = call('Complete-Package', { Name: packageName, Sha256: packageSha256 })
const named = copy({ Account: jobName, AccountPassword: password })
const accounts = { [jobName]: { sid: jobSid, password } }
const there = { shared: packageBytes }

const unreadable = (shareFault: number): Case => ({ world: { shareFault }, steps: [copy()] })

const cases = {
  right: { world: there, steps: [copy(), copy(), complete, copy()] },
  denied: {
    world: { ...there, shareFault: win32 + 5 },
    steps: [copy(), { ps: '$global:World.shareFault = 0' }, copy()],
  },
  noFile: unreadable(win32 + 2),
  noComputer: unreadable(win32 + 53),
  noShare: unreadable(win32 + 67),
  noLogon: unreadable(win32 + 1326),
  odd: unreadable(win32 + 1219),
  full: { world: { ...there, diskFull: true }, steps: [copy()] },
  other: { world: { shared: 'another file' }, steps: [copy(), complete] },
  named: { world: { ...there, accounts }, steps: [named, searchFiles(password)] },
  batch: { world: { ...there, accounts, starts: win32 + 1385 }, steps: [named] },
  never: { world: { ...there, scheduler: false }, steps: [copy()] },
  living: { world: there, files: { [claim]: 'boot-1 3000 start-3000' }, steps: [copy({ WaitSeconds: 1 })] },
  gone: { world: there, files: { [claim]: 'boot-1 77 start-77' }, steps: [copy()] },
  restarted: { world: there, files: { [claim]: 'boot-0 3000 start-3000' }, steps: [copy()] },
  path: { world: there, steps: [copy({ Share: `C:\\${packageName}` }), copy({ Share: '\\\\fs01\\updates\\x.msp' })] },
  left: {
    world: there,
    steps: [
      copy(),
      { ps: `$global:World.tasks['${task}'] = 'x'` },
      call('Get-ServerLeftover', {}),
      call('Remove-ServerLeftover', { Runs: [run], Packages: [] }),
    ],
  },
} satisfies Record<string, Case>

const host = powershellHost()

describe.skipIf(host === undefined)(`a package that the server copies from a share ${missingHostReason()}`, () => {
  let results: Record<keyof typeof cases, StepResult[]>
  beforeAll(async () => {
    const all = await runCases(Object.values(cases))
    results = Object.fromEntries(Object.keys(cases).map((name, index) => [name, all[index]])) as typeof results
  }, hostsTimeoutMs)

  it('is where an upload would be, and its task is gone before the copy begins', () => {
    const [first] = results.right
    expect(answer('Copy-SharedPackage', first)).toEqual({ copied: true, bytes: packageBytes.length })
    expect(first?.world.files).toContain(part)
    expect(first?.world.tasks).toEqual([])
    expect(first?.world.deeds.slice(-4)).toEqual([
      `task ${task}`,
      `run task ${task}`,
      `no task ${task}`,
      `copy ${share}`,
    ])
  })

  it('is copied once, however often it is asked for, and again when it was taken', () => {
    const copies = results.right.map(({ world }) => world.deeds.filter(deed => deed.startsWith('copy ')).length)
    expect(copies).toEqual([1, 1, 1, 2])
    expect(answer('Complete-Package', results.right[2]).sha256).toBe(packageSha256)
    expect(answer('Copy-SharedPackage', results.right[3]).copied).toBe(true)
  })

  it.each([
    ['denied', 'access is denied', '0x80070005'],
    ['noFile', 'there is no such file', '0x80070002'],
    ['noComputer', 'no computer of that name answers', '0x80070035'],
    ['noShare', 'that computer has no such share', '0x80070043'],
    ['noLogon', 'that computer does not know this account or its password', '0x8007052e'],
    ['odd', 'as Windows says it', '0x800704c3'],
  ] as const)('that cannot be read (%s) is refused with the account, the path and the reason', (name, words, code) => {
    const [first] = results[name]
    const { message, hint, ...error } = refusal(first)
    expect(error.code).toBe('SHARE_UNREADABLE')
    expect(message).toBe(`CONTOSO\\EX-MBX-01$ cannot read ${share}: ${words} (${code})`)
    expect(hint).toContain('Give CONTOSO\\EX-MBX-01$, or Domain Computers, Read')
    expect(first?.world.tasks).toEqual([])
    expect(first?.world.files).not.toContain(part)
  })

  it('is tried anew by whoever asks after a refusal', () => {
    expect(answer('Copy-SharedPackage', results.denied[2]).copied).toBe(true)
  })

  it('that finds no room says so, and blames no share', () => {
    expect(refusal(results.full[0])).toMatchObject({
      code: 'SHARE_COPY_FAILED',
      message: expect.stringContaining('not enough space'),
    })
    expect(results.full[0]?.world.files).not.toContain(part)
  })

  it('that is another file is refused by its hash', () => {
    expect(answer('Copy-SharedPackage', results.other[0]).copied).toBe(true)
    expect(refusal(results.other[1]).code).toBe('PACKAGE_DAMAGED')
    expect(results.other[1]?.world.files).not.toContain(packageFile)
  })

  it('is copied by the named account, whose password stays nowhere', () => {
    const [first, searched] = results.named
    expect(answer('Copy-SharedPackage', first).copied).toBe(true)
    expect(first?.world.deeds).toContain(`task ${task} of ${jobName}`)
    expect(first?.world.tasks).toEqual([])
    expect(searched?.world.deeds.at(-1)).toBe('searched')
    expect(searched?.world.deeds).not.toContain('found')
  })

  it('leaves no task behind where Windows does not let it start', () => {
    expect(refusal(results.batch[0]).code).toBe('JOB_ACCOUNT_BATCH')
    expect(results.batch[0]?.world.tasks).toEqual([])
    expect(refusal(results.never[0])).toMatchObject({
      code: 'SHARE_COPY_FAILED',
      message: expect.stringContaining('did not start'),
    })
    expect(results.never[0]?.world.tasks).toEqual([])
  })

  it('is not copied a second time beside a copy that lives', () => {
    expect(answer('Copy-SharedPackage', results.living[0]).copied).toBe(false)
    expect(results.living[0]?.world.deeds).not.toContain(`task ${task}`)
  })

  it.each(['gone', 'restarted'] as const)('is copied anew when whoever copied is %s', name => {
    expect(answer('Copy-SharedPackage', results[name][0]).copied).toBe(true)
  })

  it('is taken from a share only, under its own name', () => {
    expect(results.path.map(result => refusal(result).code)).toEqual(['SHARE_NAME', 'SHARE_NAME'])
  })

  it('has a task that cleaning up knows', () => {
    expect(answer('Get-ServerLeftover', results.left[2]).runs[0]?.tasks).toEqual([task])
    expect(results.left[3]?.world.tasks).toEqual([])
  })
})
