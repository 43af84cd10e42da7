import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { z } from 'zod'
import type { RunEvent, RunEventBody, RunEventType } from '../../src/events/event.js'
import { runEventSchema } from '../../src/events/schema.js'

const envelope = { v: 1, run: '20261123-210000-a1b2', seq: 17, at: '2026-11-23T21:00:00.000Z' } as const
const setting = { server: 'ex-cas-01', setting: 'crl', scope: 'S-1-5-18', from: 0x23c00, to: 0x23e00 } as const
const counts = { changed: 1, ok: 0, skipped: 0, blocked: 0, failed: 0, unreachable: 0, unknown: 0 }

/** One of each type, with every field. */
const bodies: { [Type in RunEventType]: RunEventBody & { type: Type } } = {
  'run.started': {
    type: 'run.started',
    action: 'apply',
    dryRun: false,
    servers: [{ name: 'ex-cas-01', roles: ['cas'], batch: 1 }],
    tool: '0.1.0',
    playbook: '/playbooks/apply-rollup.yaml',
    title: 'Update Rollup 4',
  },
  'batch.started': { type: 'batch.started', batch: 1, servers: ['ex-cas-01'] },
  'batch.finished': { type: 'batch.finished', batch: 1, servers: ['ex-cas-01'] },
  'server.finished': { type: 'server.finished', server: 'ex-cas-01', outcome: 'failed', cause: 'crl-check', note: 'x' },
  'step.started': {
    ...{ type: 'step.started', server: 'ex-cas-01', step: 'settings-on', attempt: 1 },
    ...{ script: 'Invoke-InstallJob', sha256: 'a'.repeat(64) },
  },
  'step.progress': { type: 'step.progress', server: 'ex-cas-01', step: 'install', percent: 40, note: 'CA_STOP' },
  'step.finished': {
    ...{ type: 'step.finished', server: 'ex-cas-01', step: 'connect', outcome: 'failed', ms: 12, note: '' },
    error: { code: 'CONNECT_FAILED', message: 'refused', hint: 'start sshd' },
  },
  'setting.changed': { type: 'setting.changed', ...setting },
  'setting.restored': { type: 'setting.restored', ...setting, from: 0x23e00, to: null },
  'setting.stuck': {
    type: 'setting.stuck',
    ...setting,
    setting: 'start-type',
    scope: 'W3SVC',
    from: 'Disabled',
    to: 'Auto',
  },
  'setting.predicted': { type: 'setting.predicted', ...setting },
  'service.state': { type: 'service.state', server: 'ex-cas-01', running: 8, expected: 9, down: ['MSExchangeIS'] },
  'precheck.blocked': {
    ...{ type: 'precheck.blocked', server: 'ex-cas-01', block: 'disk-full' },
    ...{ message: '1 MB are free', remedy: 'Free space', allowed: false },
  },
  'log.line': { type: 'log.line', server: 'ex-cas-01', log: 'msi', line: 812, text: 'Return value 3.' },
  'diagnosis.made': {
    ...{ type: 'diagnosis.made', server: 'ex-cas-01', id: 'execution-policy', confidence: 'certain', title: 't' },
    ...{ evidence: [{ log: '952580.log', line: 805, text: 'x' }], remedy: ['do it'], fix: 'exroll run' },
  },
  'control.taken': { type: 'control.taken', action: 'abort', by: 'operator', server: 'ex-cas-01' },
  'run.finished': { type: 'run.finished', outcome: 'ok', exitCode: 0, counts },
}

const optional: Partial<Record<RunEventType, string[]>> = {
  'run.started': ['tool', 'playbook', 'title'],
  'server.finished': ['cause', 'note'],
  'step.started': ['script', 'sha256'],
  'step.progress': ['percent'],
  'step.finished': ['error', 'note'],
  'diagnosis.made': ['fix'],
  'control.taken': ['server'],
}

const types = Object.keys(bodies) as RunEventType[]

describe('the schema of events', () => {
  it('is of the type that the program writes and reads', () => {
    expectTypeOf<z.output<typeof runEventSchema>>().toExtend<RunEvent>()
    expectTypeOf<RunEvent>().toExtend<z.output<typeof runEventSchema>>()
  })

  it.each(types)('takes %s whole and knows each of its fields', type => {
    const event = { ...envelope, ...bodies[type] }
    expect(runEventSchema.parse(event)).toEqual(event)
  })

  it.each(types)('misses every field of %s but the optional ones', type => {
    const event: Record<string, unknown> = { ...envelope, ...bodies[type] }
    for (const key of Object.keys(event)) {
      const { [key]: _, ...rest } = event
      expect([key, runEventSchema.safeParse(rest).success]).toEqual([key, optional[type]?.includes(key) ?? false])
    }
  })

  it.each(types)('takes no wrong kind of value in %s', type => {
    const event: Record<string, unknown> = { ...envelope, ...bodies[type] }
    for (const key of Object.keys(event)) {
      expect([key, runEventSchema.safeParse({ ...event, [key]: { odd: true } }).success]).toEqual([key, false])
    }
  })

  it.each([
    ['another version', { v: 2 }],
    ['a time without milliseconds', { at: '2026-11-23T21:00:00Z' }],
    ['a time of another zone', { at: '2026-11-23T21:00:00.000+01:00' }],
    ['a type that there is not', { type: 'server.started' }],
    ['a step that there is not', { step: 'reinstall' }],
    ['a number before the first', { seq: -1 }],
  ])('refuses %s', (_what, change) => {
    expect(runEventSchema.safeParse({ ...envelope, ...bodies['step.started'], ...change }).success).toBe(false)
  })

  it('lets a later version add fields', () => {
    expect(runEventSchema.safeParse({ ...envelope, ...bodies['log.line'], level: 'info' }).success).toBe(true)
  })

  it('has exactly the types of the published file', () => {
    const file = join(import.meta.dirname, '../../schemas/events.schema.json')
    const { oneOf, anyOf } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { title: string }[]>
    expect((oneOf ?? anyOf)?.map(({ title }) => title)).toEqual(types)
  })
})
