import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { roles } from '../../src/inventory/model.js'
import { buildTable } from '../../src/products/builds.js'
import { generationNames, knownPatches, loadGeneration, loadGenerations } from '../../src/products/load.js'
import { packGuid } from '../../src/products/packed-guid.js'
import { startTypes } from '../../src/scripts/catalog.js'

const guid = z.string().regex(/^\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$/)
const generation = z.strictObject({
  generation: z.enum(generationNames),
  name: z.string().startsWith('Exchange Server '),
  productCode: guid,
  setupKeys: z.array(z.string().startsWith('HKLM\\SOFTWARE\\Microsoft\\Exchange')).min(1),
  installPath: z.string().startsWith('C:\\Program Files\\Microsoft\\Exchange Server'),
  services: z.array(
    z.strictObject({
      name: z.string().regex(/^[A-Za-z0-9_-]+$/),
      display: z.string().min(3),
      start: z.enum(startTypes),
      roles: z.array(z.enum(roles)).min(1).optional(),
      disabledByInstaller: z.literal(false).optional(),
    }),
  ),
  builds: z.array(
    z.strictObject({ level: z.string(), build: z.string(), date: z.string(), kb: z.string().optional() }),
  ),
})

describe('product data', () => {
  it.each(generationNames)('of Exchange %s has the fields it should have and no others', name => {
    const file = new URL(`../../src/products/exchange-${name.toLowerCase()}.yaml`, import.meta.url)
    const data = generation.parse(parse(readFileSync(fileURLToPath(file), 'utf8')))
    expect(data.generation).toBe(name)
    const services = data.services.map(service => service.name.toLowerCase())
    expect(new Set(services).size).toBe(services.length)
  })

  it('has product codes that pack to what servers hold in their registry', () => {
    const packed = Object.fromEntries(loadGenerations().map(each => [each.generation, packGuid(each.productCode)]))
    expect(packed).toEqual({
      2007: '461C2B4266EDEF444B864AD6D9E5B613',
      2010: 'AE1D439464EB1B8488741FFA028E291C',
      2013: 'AE1D439464EB1B8488741FFA028E291C',
      2016: '442189DC8B9EA5040962A6BED9EC1F1F',
      2019: '442189DC8B9EA5040962A6BED9EC1F1F',
      SE: '442189DC8B9EA5040962A6BED9EC1F1F',
    })
  })

  it('is read once', () => {
    expect(loadGeneration('2007')).toBe(loadGeneration('2007'))
  })
})

describe('known patches', () => {
  it('stand in the build tables under their level and KB, or say their own build', () => {
    for (const patch of knownPatches()) {
      const row = buildTable(patch.generation).find(({ level }) => level === patch.level)
      if (patch.build === undefined) expect(row?.kb).toBe(patch.kb)
      else expect(row).toBeUndefined()
    }
  })

  it('have codes of their own, the made-up ones told by their beginning', () => {
    const patches = knownPatches()
    expect(new Set(patches.map(({ code }) => guid.parse(code))).size).toBe(patches.length)
    for (const { code, madeUp } of patches) expect(code.startsWith('{E2007081-')).toBe(madeUp)
  })

  it('have the code that the article shows for KB935490', () => {
    expect(knownPatches().find(({ kb }) => kb === 'KB935490')).toMatchObject({
      code: '{09679EB4-B32D-4F10-88C9-34299B366C5B}',
      madeUp: false,
    })
  })
})
