import { describe, expect, it } from 'vitest'
import type { RunEventBody } from '../../src/events/event.js'
import { emptyState, reduce } from '../../src/events/reduce.js'
import { dryRunReport } from '../../src/output/dry-run-report.js'

function stateOf(bodies: RunEventBody[]) {
  const servers = ['a', 'b', 'c', 'd'].map((name, index) => ({ name, roles: ['cas'], batch: index < 2 ? 1 : 2 }))
  const started: RunEventBody = { type: 'run.started', action: 'apply', dryRun: true, servers }
  return [started, ...bodies]
    .map((body, index) => ({ v: 1 as const, run: 'r', seq: index, at: '2026-11-24T21:00:00.000Z', ...body }))
    .reduce(reduce, emptyState())
}

const state = stateOf([
  { type: 'step.started', server: 'a', step: 'facts', attempt: 1 },
  { type: 'step.finished', server: 'a', step: 'facts', outcome: 'ok', ms: 1, note: 'Exchange 2007 8.1.278.2 x64' },
  { type: 'server.finished', server: 'a', outcome: 'changed', note: 'would be patched' },
  {
    type: 'precheck.blocked',
    server: 'b',
    block: 'disk-full',
    message: '1 MB are free',
    remedy: 'Free space',
    allowed: false,
  },
  { type: 'server.finished', server: 'b', outcome: 'blocked', cause: 'disk-full' },
  { type: 'server.finished', server: 'c', outcome: 'ok', note: 'already current: RU4' },
  { type: 'step.started', server: 'd', step: 'connect', attempt: 1 },
  {
    type: 'step.finished',
    server: 'd',
    step: 'connect',
    outcome: 'failed',
    ms: 1,
    error: { code: 'AUTH_FAILED', message: 'refused \u001b[31mexadmin', hint: 'Check the password' },
  },
  { type: 'server.finished', server: 'd', outcome: 'unreachable', cause: 'AUTH_FAILED' },
])
const forecasts = new Map([
  ['a', { lines: [{ step: 'install', sure: 'predicted', text: `stops ${'MSExchangeIS '.repeat(20).trim()}` }] }],
])

describe('the report of a dry run', () => {
  const report = dryRunReport(state, forecasts)

  it('goes server by server in the order of the plan, each with what would become of it and why', () => {
    const heads = report.split('\n').filter(line => /^ {2}[a-d] /.test(line))
    expect(heads).toEqual([
      '  a (cas) Exchange 2007 8.1.278.2 x64: would be patched',
      '  b (cas): WOULD BE BLOCKED',
      '  c (cas): nothing to do, already current: RU4',
      '  d (cas): UNREACHABLE',
    ])
    expect(report).toMatch(/batch 1\n {2}a[\s\S]*batch 2\n {2}c/)
    expect(report).toContain('disk-full: 1 MB are free\n      cure: Free space\n      or:   --allow disk-full@b')
    expect(report).toContain('AUTH_FAILED: refused')
    expect(report).toContain('try: Check the password')
    expect(report).toContain('1 would be patched, 1 are current, 1 would be blocked, 1 cannot be reached.')
  })

  it('keeps to 100 columns, and what goes on stays under its step', () => {
    const lines = report.split('\n')
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(100)
    const at = lines.findIndex(line => line.startsWith('    install'))
    expect(lines[at + 1]).toMatch(/^ {21}\S/)
  })

  it('lets no escape of a server through to the terminal', () => {
    expect(report).not.toContain('\u001b')
  })
})
