import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse, playbookText, problemsOf } from './playbook-text.js'

const codesOf = (line: string) => problemsOf(playbookText(line)).map(({ code }) => code)

describe('a playbook', () => {
  it.each([
    ['rollout: { order: [] }', 'WRONG_VALUE'],
    ['rollout: { order: cas }', 'WRONG_TYPE'],
    ['rollout: { canary: -1 }', 'WRONG_VALUE'],
    ['rollout: { canary: 1.5 }', 'WRONG_TYPE'],
    ['rollout: { canary: 10% }', 'WRONG_TYPE'],
    ['rollout: { serial: [] }', 'WRONG_VALUE'],
    ['rollout: { serial: 5 }', 'WRONG_TYPE'],
    ['rollout: { serial: [0] }', 'WRONG_VALUE'],
    ['rollout: { serial: [0%] }', 'WRONG_VALUE'],
    ['rollout: { serial: [101%] }', 'WRONG_VALUE'],
    ['rollout: { serial: [25 %] }', 'WRONG_VALUE'],
    ['rollout: { serial: [five] }', 'WRONG_VALUE'],
    ['rollout: { throttle: 0 }', 'WRONG_VALUE'],
    ['rollout: { throttle: 1001 }', 'WRONG_VALUE'],
    ['rollout: { max_fail: -1 }', 'WRONG_VALUE'],
    ['rollout: { max_fail: 1.5 }', 'WRONG_TYPE'],
    ['rollout: { max_fail: [1] }', 'WRONG_TYPE'],
    ['rollout: { max_fail_per_batch: 200% }', 'WRONG_VALUE'],
    ['rollout: { on_failure: stop }', 'WRONG_VALUE'],
    ['rollout: { between: { soak: 2 } }', 'WRONG_TYPE'],
    ['rollout: { between: { soak: 2 minutes } }', 'WRONG_VALUE'],
    ['rollout: { between: { soak: 60d } }', 'WRONG_VALUE'],
    ['rollout: { between: { confirm: maybe } }', 'WRONG_TYPE'],
    ['rollout: { between: { health: [all] } }', 'WRONG_VALUE'],
    ["rollout: { windows: [{ from: '24:00', to: '05:00', tz: UTC }] }", 'WRONG_VALUE'],
    ["rollout: { windows: [{ from: '22:00', to: '05:00' }] }", 'MISSING_KEY'],
    ['settings: { crl_check: off }', 'WRONG_VALUE'],
    ['settings: { execution_policy: Bypass }', 'WRONG_VALUE'],
    ['settings: { after: before }', 'WRONG_VALUE'],
    ['install: { log: /l*v }', 'WRONG_VALUE'],
    ['install: { on_stall: kill }', 'WRONG_VALUE'],
    ['install: { reboot: maybe }', 'WRONG_VALUE'],
    ['verify: [everything]', 'WRONG_VALUE'],
    ['collect: [msi, iis]', 'WRONG_VALUE'],
    ['hooks: { before_run: {} }', 'WRONG_VALUE'],
    ['hooks: { before_run: { local: [a], script: b.ps1 } }', 'WRONG_VALUE'],
    ['hooks: { before_start: { local: [a] } }', 'UNKNOWN_KEY'],
    ['notify: { end: { webhook: chat.contoso.com } }', 'WRONG_VALUE'],
    ['notify: { end: { email: a@contoso.com } }', 'UNKNOWN_KEY'],
    ['rolout: {}', 'UNKNOWN_KEY'],
  ])('may not have %s', (line, code) => {
    expect(codesOf(line)).toContain(code)
  })

  it.each([
    ['a package with a ";" in its path', 'a;b.msp'],
    ['something else than a patch', 'setup.exe'],
  ])('may not name %s', (_what, package_) => {
    const [problem, ...others] = problemsOf(`name: x\naction: apply\nupdate: { file: ${package_} }`)
    expect(others).toEqual([])
    expect(problem).toMatchObject({ code: 'WRONG_VALUE', line: 3, instead: expect.stringContaining('.msp') })
  })

  it.each(['abc', `${'0'.repeat(63)}`, `${'0'.repeat(63)}g`])('may not have the SHA-256 %s', sha256 => {
    const [problem] = problemsOf(`name: x\naction: apply\nupdate: { file: a.msp, sha256: '${sha256}' }`)
    expect(problem?.message).toContain('64 hex digits')
  })

  it('is told how to write what it nearly wrote', () => {
    expect(problemsOf(playbookText('settings: { crl_check: of-during-install }'))[0]?.instead).toBe(
      'off-during-install',
    )
    expect(problemsOf(playbookText('rollout: { between: { confirm: yes } }'))[0]?.instead).toBe('true')
    expect(problemsOf(playbookText('rollout: { order: cas }'))[0]?.instead).toBe('[cas]')
  })

  it('may have any whole number and any percentage up to 100 as an amount, and reads it back', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.record({ count: fc.integer({ min: 1, max: 100_000 }) }),
          fc.record({ percent: fc.integer({ min: 1, max: 1000 }).map(tenths => tenths / 10) }),
        ),
        amount => {
          const written = 'count' in amount ? `${amount.count}` : `${amount.percent}%`
          const { rollout } = parse(playbookText(`rollout: { serial: [${written}], max_fail: ${written} }`))
          expect(rollout.serial).toEqual([amount])
          expect(rollout.maxFail).toEqual(amount)
        },
      ),
    )
  })
})
