import type { GenerationName } from './load.js'
import { loadGeneration, loadGenerations } from './load.js'
import type { BuildRow } from './model.js'

/** All builds of one generation, lowest first (exchange.md 2.8). */
export function buildTable(generation: GenerationName): BuildRow[] {
  return loadGeneration(generation).builds
}

/** Negative, 0 or positive, as `a` is below, at or above `b`. Padding does not matter: `08.01.0311.003` is `8.1.311.3`. */
export function compareBuilds(a: string, b: string): number {
  const left = numbers(a)
  const right = numbers(b)
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

export interface BuildMatch {
  /** Null when no table has a build at or below it within the same major version. */
  row: BuildRow | null
  exact: boolean
}

/**
 * The row of a build, or of the nearest lower one: tables lag behind releases, so an unknown build is never refused (exchange.md
 * 2.8). Nearest lower never crosses a major version: 14.0.1.0 is not an Exchange 2007.
 */
export function findBuild(build: string): BuildMatch {
  let row: BuildRow | null = null
  for (const candidate of allBuilds()) {
    if (numbers(candidate.build)[0] !== numbers(build)[0] || compareBuilds(candidate.build, build) > 0) continue
    if (row === null || compareBuilds(candidate.build, row.build) >= 0) row = candidate
  }
  return { row, exact: row !== null && compareBuilds(row.build, build) === 0 }
}

/** Every build a KB brings: a security update has one per cumulative update. Takes `KB952580`, `kb952580` and `952580`. */
export function findKb(kb: string): BuildRow[] {
  const wanted = `KB${kb.replace(/^KB/i, '')}`
  return allBuilds().filter(row => row.kb === wanted)
}

/** `Exchange 2007 SP1 RU4 (8.1.311.3, KB952580)`; `Exchange 2007 SP1 RU4 or later (8.1.312.0)`; `build 9.0.1.0`. */
export function describeBuild(build: string): string {
  const { row, exact } = findBuild(build)
  if (row === null) return `build ${build}`
  if (!exact) return `${describeLevel(row)} or later (${build})`
  return `${describeLevel(row)} (${row.build}${row.kb === null ? '' : `, ${row.kb}`})`
}

/**
 * What a KB is: `KB952580, Exchange 2007 SP1 RU4`; the bare number when no table has it. Of a security update that several
 * cumulative updates got, only the KB and the generations are told.
 */
export function describeKb(kb: string): string {
  const rows = findKb(kb)
  const name = `KB${kb.replace(/^KB/i, '')}`
  const [row] = rows
  if (row === undefined) return name
  if (rows.length === 1) return `${name}, ${describeLevel(row)}`
  const generations = [...new Set(rows.map(each => each.generation))]
  return `${name}, an update of Exchange ${generations.join(', ')}`
}

function describeLevel(row: BuildRow): string {
  return `Exchange ${row.generation} ${row.level}`
}

function allBuilds(): BuildRow[] {
  return loadGenerations().flatMap(generation => generation.builds)
}

function numbers(build: string): number[] {
  return build.split('.').map(part => Number.parseInt(part, 10) || 0)
}
