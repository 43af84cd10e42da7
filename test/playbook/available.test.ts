import { describe, expect, it } from 'vitest'
import { exitCodes, UsageError } from '../../src/errors.js'
import { checkAvailable } from '../../src/playbook/available.js'
import { actions } from '../../src/playbook/model.js'
import { parse, playbookText } from './playbook-text.js'

function refusal(text: string): UsageError | undefined {
  try {
    checkAvailable(parse(text))
    return undefined
  } catch (error) {
    if (error instanceof UsageError) return error
    throw error
  }
}

describe('checkAvailable', () => {
  it('lets through what this version carries out', () => {
    expect(refusal(playbookText())).toBeUndefined()
    const all = 'settings: { crl_check: leave, after: recommended, server_certificate_revocation: off-during-install }'
    const rollout = 'rollout: { between: { confirm: true } }'
    expect(refusal(playbookText(all, rollout, 'install: { reboot: always, on_stall: end }'))).toBeUndefined()
  })

  it.each(actions.filter(action => action !== 'apply'))('refuses the action %s by name', action => {
    const error = refusal(`name: x\naction: ${action}\nupdate: { file: a.msp }`)
    expect(error).toMatchObject({ code: 'NOT_AVAILABLE', exitCode: exitCodes.usage })
    expect(error?.message).toContain(`action: ${action}`)
  })

  it.each([
    ["rollout: { windows: [{ from: '22:00', to: '05:00', tz: UTC }] }", 'rollout.windows'],
    ['install: { reboot: before }', 'install.reboot: before'],
    ['hooks: { before_run: { local: [a] } }', 'hooks'],
    ['notify: { end: { command: [a] } }', 'notify'],
  ])('refuses %s', (line, named) => {
    expect(refusal(playbookText(line))).toMatchObject({
      code: 'NOT_AVAILABLE',
      message: expect.stringContaining(named),
    })
  })

  it('names everything at once', () => {
    const error = refusal('name: x\naction: trace\nhooks: { after_run: { local: [a] } }\ninstall: { reboot: before }')
    expect(error?.message).toMatch(/action: trace, install\.reboot: before, hooks$/)
  })
})
