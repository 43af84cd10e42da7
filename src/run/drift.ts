import type { ServerFact } from '../scripts/catalog.js'

/** What of a server a saved plan rests on. Service states and clocks move by themselves and are not in it. */
export interface PlanBasis {
  build: string | null
  architecture: string | null
  updates: string[]
  settings: Record<string, string>
  startTypes: Record<string, string>
  activeNode: string | null
}

/** The basis of a plan, from the facts of one server. Pure. */
export function planBasis(fact: ServerFact): PlanBasis {
  const { crl, serverCertificateRevocation, executionPolicy, installerLogging } = fact.settings
  const settings: Record<string, string> = { 'installer-logging': JSON.stringify(installerLogging) }
  for (const [sid, value] of Object.entries(crl)) settings[`crl ${sid}`] = String(value)
  for (const [sid, value] of Object.entries(serverCertificateRevocation)) {
    settings[`server-certificate-revocation ${sid}`] = String(value)
  }
  for (const [scope, value] of Object.entries(executionPolicy)) settings[`execution-policy ${scope}`] = String(value)
  return {
    build: fact.exchange?.build ?? null,
    architecture: fact.exchange?.architecture ?? null,
    updates: fact.updates.map(update => update.displayName).sort(),
    settings,
    startTypes: Object.fromEntries(fact.services.map(({ name, startType }) => [name, startType])),
    activeNode: fact.cluster?.activeNode ?? null,
  }
}

/** What is different now, a line each, in words; empty when the plan still holds. Pure. */
export function drift(saved: PlanBasis, now: PlanBasis): string[] {
  const found: string[] = []
  const compare = (what: string, before: unknown, after: unknown) => {
    if (before !== after) found.push(`${what}: ${String(before)} when the plan was saved, ${String(after)} now`)
  }
  compare('build', saved.build, now.build)
  compare('architecture', saved.architecture, now.architecture)
  for (const update of now.updates) if (!saved.updates.includes(update)) found.push(`installed since then: ${update}`)
  for (const update of saved.updates) if (!now.updates.includes(update)) found.push(`removed since then: ${update}`)
  compare('active node', saved.activeNode, now.activeNode)
  for (const [group, before, after] of [
    ['', saved.settings, now.settings],
    ['start type of ', saved.startTypes, now.startTypes],
  ] as const) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(`${group}${key}`, before[key] ?? 'absent', after[key] ?? 'absent')
    }
  }
  return found
}
