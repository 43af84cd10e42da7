import { defaultServices, disabledByInstaller } from '../products/services.js'
import type { ServerFact, SettingChange, StartType } from '../scripts/catalog.js'

/** What `restore --from-defaults` would do to one server's services, and what it leaves alone. */
export interface DefaultStartTypes {
  /** Disabled now, and by the product's own set-up something else. Those that become Automatic are started, the others never. */
  changes: (SettingChange & { to: StartType })[]
  /** Disabled, and not touched: perhaps somebody wants them so. */
  leftAlone: { name: string; why: string }[]
}

export interface DefaultStartTypesInput {
  fact: ServerFact
  /** The `Service*.xml` of a patch that did not end are there. */
  unfinishedPatch: boolean
  /** Short names that the operator asked for by `--service`. */
  named: readonly string[]
}

/** Of the Automatic services that the installer disables, this part must be Disabled before that is taken for its doing. */
const installersMark = 0.5

/**
 * Services that the installer stops and disables (exchange.md 0 fact 1) and a broken patch left so, with the start types that set-up
 * gives them (exchange.md 2.5). One Disabled service alone may be somebody's wish: without the traces of a patch it is left alone unless it
 * is named. Pure.
 */
export function defaultStartTypes({ fact, unfinishedPatch, named }: DefaultStartTypesInput): DefaultStartTypes {
  const found: DefaultStartTypes = { changes: [], leftAlone: [] }
  if (fact.exchange === null) return found
  const { generation, roles } = fact.exchange
  const touched = new Set(disabledByInstaller(generation, roles).map(name => name.toLowerCase()))
  const defaults = new Map(defaultServices(generation, roles).map(one => [one.name.toLowerCase(), one.startType]))
  const asked = new Set(named.map(name => name.toLowerCase()))
  const byPatch = unfinishedPatch || looksDisabledByInstaller(fact, touched, defaults)
  for (const { name, startType } of fact.services) {
    const to = defaults.get(name.toLowerCase())
    if (startType !== 'Disabled' || to === undefined || to === 'Disabled') continue
    if (asked.has(name.toLowerCase()) || (byPatch && touched.has(name.toLowerCase()))) {
      found.changes.push({ setting: 'start-type', scope: name, from: startType, to })
    } else {
      const why = touched.has(name.toLowerCase())
        ? 'nothing else shows that a patch disabled it'
        : 'the installer does not disable it'
      found.leftAlone.push({ name, why })
    }
  }
  return found
}

function looksDisabledByInstaller(
  { services }: ServerFact,
  touched: ReadonlySet<string>,
  defaults: ReadonlyMap<string, StartType>,
): boolean {
  const automatic = services.filter(
    ({ name }) => touched.has(name.toLowerCase()) && defaults.get(name.toLowerCase())?.startsWith('Automatic'),
  )
  const disabled = automatic.filter(({ startType }) => startType === 'Disabled')
  return disabled.length > 1 && disabled.length > automatic.length * installersMark
}
