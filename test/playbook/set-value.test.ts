import { describe, expect, it } from 'vitest'
import { file, parse, playbookText, problemsOf, thrown } from './playbook-text.js'

const set = (...words: string[]) => parse(playbookText('rollout: { canary: 2, throttle: 3 }'), { set: words })
const wrong = (...words: string[]) => problemsOf(playbookText('rollout: { canary: 2 }'), { set: words })

describe('--set', () => {
  it('overrides one value and leaves its neighbours', () => {
    const { rollout } = set('rollout.canary=0')
    expect([rollout.canary, rollout.throttle]).toEqual([0, 3])
  })

  it.each([
    ['rollout.max_fail=100%', { rollout: { maxFail: { percent: 100 } } }],
    ['rollout.serial=[2, 50%]', { rollout: { serial: [{ count: 2 }, { percent: 50 }] } }],
    ['rollout.between.soak=0s', { rollout: { between: { soakMs: 0, health: ['services', 'owa'] } } }],
    ['rollout.between={soak: 3s, health: []}', { rollout: { between: { soakMs: 3000, health: [] } } }],
    ['settings.crl_check=leave', { settings: { crlCheck: 'leave', executionPolicy: 'auto' } }],
    ['install.log=/lxv*!', { install: { log: '/lxv*!' } }],
    ['name=Tonight: no', undefined],
    ["name='Tonight: yes'", { name: 'Tonight: yes' }],
    ['name=a=b', { name: 'a=b' }],
    ['update.file=C:\\u\\KB2.msp', { update: { file: 'C:\\u\\KB2.msp' } }],
    ['update.file=KB2.msp', { update: { file: '/fleet/playbooks/KB2.msp' } }],
  ])('takes %s as YAML', (word, expected) => {
    if (expected === undefined) expect(wrong(word)[0]?.code).toBe('SYNTAX')
    else expect(set(word)).toMatchObject(expected)
  })

  it('may give what the file leaves out', () => {
    const read = parse('action: apply', { set: ['name=x', 'update.file=a.msp'] })
    expect([read.name, read.update?.file]).toEqual(['x', '/fleet/playbooks/a.msp'])
  })

  it('may put right what is wrong in the file', () => {
    expect(parse(playbookText('rollout: { canary: -1 }'), { set: ['rollout.canary=1'] }).rollout.canary).toBe(1)
  })

  it('is checked like the file, and its problems say which option and where', () => {
    const { message } = thrown(playbookText('alow: []'), { set: ['name=x', 'rollout.max_fial=2', 'install.log=/l*v'] })
    expect(message).toContain(`${file} and --set have 3 problems`)
    expect(message).toContain(`${file}:4:1: unknown key "alow", did you mean "allow"?`)
    expect(message).toContain(
      [
        '--set:2:1: unknown key "max_fial", did you mean "max_fail"?',
        '  2 | rollout.max_fial: 2',
        '    | ^^^^^^^^^^^^^^^^',
        '  write: max_fail',
      ].join('\n'),
    )
    expect(message).toContain('--set:3:14: log must be one of /lxv*, /lxv*!')
  })

  it('says which part of a mapping that was set is wrong', () => {
    expect(wrong('rollout.between={soak: 3s, helth: []}')).toEqual([
      expect.objectContaining({ code: 'UNKNOWN_KEY', line: 1, column: 29, instead: 'health' }),
    ])
  })

  it.each([
    ['a word without =', 'rollout.max_fail', 'SET_FORM'],
    ['a value without key', '=2', 'SET_FORM'],
    ['a key with a space', 'rollout max_fail=2', 'SET_FORM'],
    ['a key below a value', 'name.first=x', 'SET_FORM'],
    ['a key below a list', 'rollout.order.0=cas', 'WRONG_TYPE'],
    ['no value', 'rollout.canary=', 'WRONG_TYPE'],
    ['an unknown first key', 'rolout.canary=1', 'UNKNOWN_KEY'],
    ['an open bracket', 'rollout.serial=[1', 'SYNTAX'],
  ])('may not be %s', (_what, word, code) => {
    expect(wrong(word)).toEqual([expect.objectContaining({ code, line: 1, source: expect.anything() })])
  })

  it('may not say a key twice', () => {
    expect(wrong('rollout.canary=1', 'rollout.canary=2')).toEqual([
      expect.objectContaining({ code: 'DUPLICATE_KEY', line: 2 }),
    ])
  })

  it('cannot reach what every object has', () => {
    expect(wrong('__proto__.polluted=1')[0]).toMatchObject({ code: 'UNKNOWN_KEY' })
    expect('polluted' in {}).toBe(false)
  })

  it('does not stop the file from being checked when it cannot be read itself', () => {
    expect(problemsOf(playbookText('alow: []'), { set: ['x'] }).map(({ code }) => code)).toEqual([
      'UNKNOWN_KEY',
      'SET_FORM',
    ])
  })

  it('shows no web hook', () => {
    const { message } = thrown(playbookText(), { set: ['notify.end.webhook=ftp://chat/T0KEN'] })
    expect(message).toContain('--set:1:21: must be the URL of a web hook')
    expect(message).not.toContain('T0KEN')
  })
})

describe('--allow', () => {
  it("is added to the playbook's own, each block once", () => {
    const { allow } = parse(playbookText('allow: [disk-full]'), { allow: ['superseded', 'disk-full', 'corruption@a'] })
    expect(allow).toEqual(['disk-full', 'superseded', 'corruption@a'])
  })

  it('may not name a block that there is not, or that nothing lets through', () => {
    const problems = problemsOf(playbookText(), { allow: ['superseded', 'disk-ful@a', 'not-elevated'] })
    expect(problems.map(({ code, line, instead }) => [code, line, instead])).toEqual([
      ['BLOCK_UNKNOWN', 2, 'disk-full@a'],
      ['BLOCK_ABSOLUTE', 3, expect.any(String)],
    ])
  })
})
