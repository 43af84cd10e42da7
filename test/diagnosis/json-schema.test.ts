import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { z } from 'zod'
import { diagnose } from '../../src/diagnosis/diagnose.js'
import type { Diagnosis } from '../../src/diagnosis/finding.js'
import { diagnosisSchema } from '../../src/diagnosis/json-schema.js'
import { frame, knowledge, serviceScriptFailed, utf8, utf16 } from './log-bytes.js'

const realLogs = join(import.meta.dirname, '../../../shared/msi-logs')

/** What a reader of the JSON gets, and that the schema knows every field of it. */
function published(files: { path: string; bytes: Uint8Array }[]): Diagnosis {
  const printed: unknown = JSON.parse(JSON.stringify(diagnose(files, { knowledge, context: {} })))
  const parsed = diagnosisSchema.parse(printed)
  expect(parsed).toEqual(printed)
  return parsed
}

describe('the schema of diagnoses', () => {
  it('is of the type that the program makes', () => {
    expectTypeOf<z.output<typeof diagnosisSchema>>().toExtend<Diagnosis>()
    expectTypeOf<Diagnosis>().toExtend<z.output<typeof diagnosisSchema>>()
  })

  it('takes a failed install with its causes', () => {
    const { files } = published([{ path: 'KB952580.log', bytes: utf16(serviceScriptFailed) }])
    expect(files[0]?.attempts[0]).toMatchObject({ outcome: 'failed', exitCode: 1603, kb: 'KB952580' })
    expect(files[0]?.attempts[0]?.causes.length).toBeGreaterThan(0)
  })

  it('takes a log that ends early, a file that is no log, and no file', () => {
    published([{ path: 'a.log', bytes: utf16(frame) }])
    published([{ path: 'notes.txt', bytes: utf8(['nothing']) }])
    expect(published([]).files).toEqual([])
  })

  it('takes whatever comes out of any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), bytes => published([{ path: 'x', bytes }]) !== undefined))
  })

  it.skipIf(!existsSync(realLogs))('takes what comes out of real logs (where ../shared/msi-logs is)', () => {
    const names = readdirSync(realLogs).filter(name => name.endsWith('.log'))
    const { files } = published(names.map(path => ({ path, bytes: readFileSync(join(realLogs, path)) })))
    expect(files).toHaveLength(names.length)
  })

  it.each([
    ['another schema', { schema: 'exroll.diagnosis/2' }],
    [
      'a kind that there is not',
      { files: [{ path: 'a', kind: 'iis', encoding: 'x', bytes: 0, lines: 0, attempts: [] }] },
    ],
    ['a count below zero', { files: [{ path: 'a', kind: 'msi', encoding: 'x', bytes: -1, lines: 0, attempts: [] }] }],
    ['no files', { files: undefined }],
  ])('refuses %s', (_what, change) => {
    expect(diagnosisSchema.safeParse({ schema: 'exroll.diagnosis/1', files: [], ...change }).success).toBe(false)
  })
})
