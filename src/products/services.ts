import type { StartType } from '../scripts/catalog.js'
import type { GenerationName } from './load.js'
import { generationNames, loadGeneration } from './load.js'

export interface DefaultService {
  name: string
  displayName: string
  startType: StartType
}

/**
 * The services a server of these roles has, with the start types set-up gives them (exchange.md 2.5). A fallback for a server whose own
 * state is poisoned, never the truth for another. Empty for an unknown generation. `roles` are exroll's role words.
 */
export function defaultServices(generation: string, roles: readonly string[]): DefaultService[] {
  return rows(generation, roles).map(({ name, display, start }) => ({ name, displayName: display, startType: start }))
}

/**
 * Short names of what the installer stops and disables on a server of these roles: its role services, IIS and eight that are not
 * Exchange's (exchange.md 0 fact 1, 2.4).
 */
export function disabledByInstaller(generation: string, roles: readonly string[]): string[] {
  return rows(generation, roles)
    .filter(service => service.disabledByInstaller !== false)
    .map(({ name }) => name)
}

function rows(generation: string, roles: readonly string[]) {
  if (!isGeneration(generation)) return []
  const has = new Set(roles)
  return loadGeneration(generation).services.filter(
    service => service.roles === undefined || service.roles.some(role => has.has(role)),
  )
}

function isGeneration(name: string): name is GenerationName {
  return (generationNames as readonly string[]).includes(name)
}
