import { describe, expect, it } from 'vitest'
import { actions } from '../../src/playbook/model.js'
import { parsePlaybook } from '../../src/playbook/parse.js'
import { file, parse, playbookText, problemsOf, thrown } from './playbook-text.js'

describe('parsePlaybook', () => {
  it('fills in every default of the manual, durations in milliseconds', () => {
    expect(parse(playbookText())).toEqual({
      file,
      name: 'Rollup',
      action: 'apply',
      update: { file: '/fleet/u/KB1.msp' },
      rollout: {
        order: ['edge', 'cas', 'hub', 'um', 'mailbox'],
        canary: 1,
        serial: [{ count: 1 }, { count: 5 }, { percent: 25 }],
        throttle: 25,
        maxFail: { count: 0 },
        onFailure: 'finish-batch',
        between: { soakMs: 120_000, confirm: false, health: ['services', 'owa'] },
        windows: [],
      },
      allow: [],
      settings: { crlCheck: 'auto', serverCertificateRevocation: 'leave', executionPolicy: 'auto', after: 'previous' },
      install: {
        ...{ timeoutMs: 7_200_000, stallAfterMs: 1_500_000, onStall: 'report' },
        ...{ runAs: 'system', log: '/lxv*', reboot: 'if-needed' },
      },
      services: { startTimeoutMs: 900_000 },
      verify: ['build', 'patch', 'services', 'settings', 'owa'],
      collect: ['msi', 'service-control', 'update-cas', 'exchange-setup', 'events'],
      hooks: {},
      notify: {},
    })
  })

  it('takes every key of the manual', () => {
    const sha256 = `9C1F${'0'.repeat(60)}`
    const read = parse(
      [
        'name: All of it',
        'action: uninstall',
        `update: { file: /srv/KB952580.MSP, sha256: ${sha256} }`,
        'rollout:',
        '  order: [mailbox, cas]',
        '  canary: 0',
        '  serial: [2, 12.5%]',
        '  throttle: 100',
        '  max_fail: 10%',
        '  max_fail_per_batch: 50%',
        '  on_failure: stop-starting',
        '  between: { soak: 1h30m, confirm: true, health: [] }',
        "  windows: [{ from: '22:00', to: '05:00', tz: Europe/Berlin }]",
        'allow: [pending-reboot, disk-full@ex-cas-01]',
        'settings:',
        '  crl_check: leave',
        '  server_certificate_revocation: off-during-install',
        '  execution_policy: Unrestricted',
        '  after: recommended',
        'install: { timeout: 90m, stall_after: 1h, on_stall: end, run_as: exadmin, log: /lxv*!, reboot: before }',
        'services: { start_timeout: 30s }',
        'verify: [build]',
        'collect: [events, msi]',
        'hooks: { before_run: { local: [./drain, now] }, after_server: { script: undrain.ps1 } }',
        'notify: { failure: { webhook: "https://chat.contoso.com/h" }, end: { command: [./page] } }',
      ].join('\n'),
    )
    expect(read).toEqual({
      file,
      name: 'All of it',
      action: 'uninstall',
      update: { file: '/srv/KB952580.MSP', sha256: sha256.toLowerCase() },
      rollout: {
        order: ['mailbox', 'cas'],
        canary: 0,
        serial: [{ count: 2 }, { percent: 12.5 }],
        throttle: 100,
        maxFail: { percent: 10 },
        maxFailPerBatch: { percent: 50 },
        onFailure: 'stop-starting',
        between: { soakMs: 5_400_000, confirm: true, health: [] },
        windows: [{ from: '22:00', to: '05:00', tz: 'Europe/Berlin' }],
      },
      allow: ['pending-reboot', 'disk-full@ex-cas-01'],
      settings: {
        ...{ crlCheck: 'leave', serverCertificateRevocation: 'off-during-install' },
        ...{ executionPolicy: 'Unrestricted', after: 'recommended' },
      },
      install: {
        ...{ timeoutMs: 5_400_000, stallAfterMs: 3_600_000, onStall: 'end' },
        ...{ runAs: 'exadmin', log: '/lxv*!', reboot: 'before' },
      },
      services: { startTimeoutMs: 30_000 },
      verify: ['build'],
      collect: ['events', 'msi'],
      hooks: { before_run: { local: ['./drain', 'now'] }, after_server: { script: 'undrain.ps1' } },
      notify: { failure: { webhook: 'https://chat.contoso.com/h' }, end: { command: ['./page'] } },
    })
  })

  it.each(actions)('takes the action %s', action => {
    expect(parse(`name: x\naction: ${action}\nupdate: { file: a.msp }`).action).toBe(action)
  })

  it("takes a relative package from the playbook's folder, on Windows too", () => {
    const at = (folder: string) => parsePlaybook(playbookText(), `${folder}roll.yaml`).update?.file
    expect(at('/a/b/')).toBe('/a/u/KB1.msp')
    expect(at('C:\\fleet\\books\\')).toBe('C:\\fleet\\u\\KB1.msp')
  })

  it('says everything that is wrong at once, each with its place, its line and what to write instead', () => {
    const { message, problems } = thrown(
      [
        'nmae: Rollup',
        'action: aply',
        'update: { file: ../u/KB1.msp, sha: 1 }',
        'rollout:',
        '  order: [cas, hbu]',
        '  max_fail: -1',
        '  between: { soak: 5 }',
        'install: { log: /l*v }',
      ].join('\n'),
    )
    expect(problems.map(({ line, column, code }) => [line, column, code])).toEqual([
      [1, 1, 'UNKNOWN_KEY'],
      [2, 9, 'WRONG_VALUE'],
      [3, 31, 'UNKNOWN_KEY'],
      [5, 16, 'WRONG_VALUE'],
      [6, 13, 'WRONG_VALUE'],
      [7, 20, 'WRONG_TYPE'],
      [8, 17, 'WRONG_VALUE'],
    ])
    expect(message).toContain(`${file} has 7 problems`)
    expect(message).toContain(
      [
        `${file}:1:1: unknown key "nmae", did you mean "name"?`,
        '  1 | nmae: Rollup',
        '    | ^^^^',
        '  write: name',
      ].join('\n'),
    )
    expect(message).toContain('  7 |   between: { soak: 5 }\n    |                    ^\n  write: 90s | 15m | 2h')
  })

  it('asks for what must be there', () => {
    expect(problemsOf('update: { file: a.msp }').map(({ code, message, instead }) => [code, message, instead])).toEqual(
      [
        ['MISSING_KEY', '"name" is missing', 'name: Exchange 2007 SP1, Update Rollup 4'],
        ['MISSING_KEY', '"action" is missing', 'action: apply'],
      ],
    )
  })

  it('takes a misspelt key for one mistake, not for two', () => {
    expect(problemsOf('name: x\nacton: apply').map(({ code, line }) => [code, line])).toEqual([['UNKNOWN_KEY', 2]])
  })

  it('shows no web hook, which holds a token more often than not', () => {
    const { message } = thrown(playbookText('notify: { end: { webhook: ftp://chat/T0KEN } }'))
    expect(message).toContain('must be the URL of a web hook')
    expect(message).not.toContain('T0KEN')
  })
})
