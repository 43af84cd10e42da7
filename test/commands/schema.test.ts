import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { jsonSchemaText, type SchemaName, schemaNames } from '../../src/commands/json-schemas.js'
import { runCli } from '../../src/commands/program.js'
import { readInventory, readPlaybook } from '../../src/commands/read-input.js'
import { actions } from '../../src/playbook/model.js'

const root = join(import.meta.dirname, '../..')
const inFolder = (folder: string) => readdirSync(join(root, folder)).filter(name => name.endsWith('.yaml'))

/** A validator that knows nothing of zod. */
function validator(name: SchemaName) {
  const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false })
  formats.default(ajv)
  return ajv.compile(JSON.parse(jsonSchemaText(name)))
}

async function exroll(...argv: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const exitCode = await runCli({ argv, stdout, stderr, stdin: new PassThrough(), env: {}, cwd: root })
  const all = (stream: PassThrough): string => String(stream.read() ?? '')
  return { exitCode, stdout: all(stdout), stderr: all(stderr) }
}

describe('exroll schema', () => {
  it.each(schemaNames)('prints that of %s, which is the published file (npm run schemas writes it)', async name => {
    const { exitCode, stdout } = await exroll('schema', name)
    expect(exitCode).toBe(0)
    expect(stdout).toBe(readFileSync(join(root, 'schemas', `${name}.schema.json`), 'utf8'))
    expect(JSON.parse(stdout)).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#' })
  })

  it('has no other files published', () => {
    const names = schemaNames.map(name => `${name}.schema.json`)
    expect(readdirSync(join(root, 'schemas')).toSorted()).toEqual(names.toSorted())
  })

  it.each([
    ['a schema that there is not', ['schema', 'playbok']],
    ['nothing', ['schema']],
  ])('refuses %s', async (_what, argv) => {
    const { exitCode, stdout, stderr } = await exroll(...argv)
    expect([exitCode, stdout]).toEqual([3, ''])
    expect(stderr).toContain('code USAGE')
  })
})

describe('the shipped playbooks', () => {
  it.each(inFolder('playbooks'))('%s is valid by the checks and by the published schema, and names it', name => {
    const file = join(root, 'playbooks', name)
    const text = readFileSync(file, 'utf8')
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../schemas/playbook.schema.json')
    const valid = validator('playbook')
    expect([valid(parse(text)), valid.errors]).toEqual([true, null])
    const { update } = readPlaybook(file, { set: [], allow: [] })
    if (update !== undefined) expect(update.file).toBe(join(root, 'updates', 'Exchange2007-KB952580-x64-EN.msp'))
  })

  it('are one for each action', () => {
    const shipped = inFolder('playbooks').map(name =>
      readPlaybook(join(root, 'playbooks', name), { set: [], allow: [] }),
    )
    expect(shipped.map(({ action }) => action).toSorted()).toEqual([...actions].toSorted())
  })
})

describe('the shipped inventories', () => {
  it.each(inFolder('inventory'))('%s is valid by the checks and by the published schema, and names it', name => {
    const file = join(root, 'inventory', name)
    const text = readFileSync(file, 'utf8')
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../schemas/inventory.schema.json')
    const valid = validator('inventory')
    expect([valid(parse(text)), valid.errors]).toEqual([true, null])
    expect(readInventory(file).servers.length).toBeGreaterThan(0)
  })
})

describe('the published schemas', () => {
  it.each<[SchemaName, string]>([
    ['playbook', 'name: x\naction: aply'],
    ['playbook', 'name: x\naction: apply\nrolout: {}'],
    ['playbook', 'name: x\naction: apply\nrollout: { serial: [101%] }'],
    ['playbook', 'name: x\naction: apply\ninstall: { timeout: 5 }'],
    ['playbook', 'action: apply'],
    ['inventory', 'servers: []'],
    ['inventory', 'servers: [{ name: a, host: h, role: [cas] }]'],
    ['inventory', 'servers: [{ name: CON, host: h }]'],
    ['inventory', 'credentials: { c: { username: u, password: hunter2 } }\nservers: [{ name: a, host: h }]'],
    ['events', '{ v: 1, run: r, seq: 1, at: "2026-11-23T21:00:00.000Z", type: log.lines }'],
    ['events', '{ v: 1, run: r, seq: 1, at: yesterday, type: batch.started, batch: 1, servers: [] }'],
    ['diagnosis', '{ schema: exroll.diagnosis/2, files: [] }'],
    ['diagnosis', '{ schema: exroll.diagnosis/1 }'],
  ])('say no to a wrong %s in an editor too: %s', (name, text) => {
    expect(validator(name)(parse(text))).toBe(false)
  })

  it.each<[SchemaName, string]>([
    ['events', '{ v: 1, run: r, seq: 1, at: "2026-11-23T21:00:00.000Z", type: batch.started, batch: 1, servers: [a] }'],
    ['diagnosis', '{ schema: exroll.diagnosis/1, files: [] }'],
  ])('say yes to right %s', (name, text) => {
    const valid = validator(name)
    expect([valid(parse(text)), valid.errors]).toEqual([true, null])
  })
})
