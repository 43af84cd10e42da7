import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { ToolError } from '../errors.js'
import type { Role } from '../inventory/model.js'
import { packageFile } from '../package-file.js'
import type { StartType } from '../scripts/catalog.js'
import type { BuildRow } from './model.js'

/** `2007`, `2010`, ... `SE`; a file each. Oldest first. */
export const generationNames = ['2007', '2010', '2013', '2016', '2019', 'SE'] as const
export type GenerationName = (typeof generationNames)[number]

export interface ServiceRow {
  /** Short name, as the service manager has it. */
  name: string
  display: string
  /** As set-up leaves it. */
  start: StartType
  /** Absent: on every server that has the service. */
  roles?: Role[]
  /** False only for what the installer stops but leaves enabled (`ClusSvc`). */
  disabledByInstaller?: boolean
}

/** What is known of one generation of Exchange: the content of `exchange-<generation>.yaml`. */
export interface Generation {
  generation: GenerationName
  name: string
  /** `{GUID}` */
  productCode: string
  /** Registry keys to probe, in this order. */
  setupKeys: string[]
  /** Where set-up installs by default. */
  installPath: string
  services: ServiceRow[]
  /** Lowest build first. */
  builds: BuildRow[]
}

/** A patch whose code is known by its package, not only by a server's registry. */
export interface KnownPatch {
  kb: string
  /** `{GUID}` */
  code: string
  generation: GenerationName
  level: string
  /** Only for patches that are in no build table. */
  build?: string
  /** Stands in the synthetic package and the lab only. */
  madeUp: boolean
}

const loaded = new Map<string, unknown>()

/** The facts of one generation, read once. Throws `ToolError` PRODUCT_DATA when the package's files are not where they belong. */
export function loadGeneration(name: GenerationName): Generation {
  return read(`exchange-${name.toLowerCase()}.yaml`, text => {
    const data = parse(text) as Omit<Generation, 'builds'> & {
      builds: (Omit<BuildRow, 'generation' | 'kb'> & { kb?: string })[]
    }
    return { ...data, builds: data.builds.map(row => ({ generation: name, ...row, kb: row.kb ?? null })) }
  })
}

/** All generations, oldest first. */
export function loadGenerations(): Generation[] {
  return generationNames.map(loadGeneration)
}

/** Patch codes known by KB; real ones and the made-up ones of the synthetic package and the lab. */
export function knownPatches(): KnownPatch[] {
  return read('known-patches.yaml', text => (parse(text) as { patches: KnownPatch[] }).patches)
}

function read<T>(file: string, make: (text: string) => T): T {
  const known = loaded.get(file)
  if (known !== undefined) return known as T
  const value = make(textOf(file))
  loaded.set(file, value)
  return value
}

function textOf(file: string): string {
  const path = packageFile(`src/products/${file}`)
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ToolError(`the product data ${path} cannot be read (${error instanceof Error ? error.message : error})`, {
      code: 'PRODUCT_DATA',
      hint: 'Install exroll again: the package is not complete.',
    })
  }
}
