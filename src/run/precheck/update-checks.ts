import { compareBuilds, describeBuild } from '../../products/builds.js'
import type { Block, Check, PrecheckInput } from './block.js'

/** Article, Common 1 "Wrong Version": an x86 Exchange cannot take the x64 rollup. */
export const wrongArchitecture: Check = ({ fact, package: update }) => {
  const { exchange } = fact
  if (exchange === null || update.architecture === null || exchange.architecture === update.architecture) return []
  return [
    {
      block: 'wrong-architecture',
      message: `Exchange here is ${exchange.architecture}, ${update.name} is ${update.architecture}`,
      remedy: `Download the ${exchange.architecture} version of ${update.kb ?? 'the update'} for this server.`,
    },
  ]
}

/** A rollup fits one product and one service pack line (exchange.md 2.7: RTM and SP1 rollup series are independent). */
export const notApplicable: Check = ({ fact, package: update }) => {
  const { exchange } = fact
  if (exchange === null) return []
  const targets = update.productCodes.map(code => code.toUpperCase())
  if (targets.length > 0 && !targets.includes(exchange.productCode.toUpperCase())) {
    return [
      {
        block: 'not-applicable',
        message: `${update.name} is for product ${targets.join(', ')}, this server has ${exchange.productCode}`,
        remedy: 'Use the update for the Exchange generation that is installed here.',
      },
    ]
  }
  if (update.build === null || servicePackLine(update.build) === servicePackLine(exchange.build)) return []
  return [
    {
      block: 'not-applicable',
      message: `${update.name} brings ${describeBuild(update.build)}, this server is at ${describeBuild(exchange.build)}: another service pack`,
      remedy: 'Install the service pack the update is for, or take the update of this service pack.',
    },
  ]
}

/** Article, Common 2 "Previous Interim Update (IU) Exists". */
export const interimUpdate: Check = ({ fact }) => {
  const interim = fact.updates.filter(update => update.interim)
  return interim.map(update => ({
    block: 'interim-update',
    message: `an interim update is installed: ${update.displayName}`,
    remedy: `Uninstall ${update.kb ?? update.displayName} in Add/Remove Programs (2003) or Programs and Features (2008), then run again.`,
  }))
}

export interface Level {
  /** Nothing to do: the server has this update or a newer one. */
  current: boolean
  /** A newer rollup is there: the package would refuse itself (article, Common 2, "superseded"). */
  superseded: boolean
  note: string
}

/**
 * Where the server stands to the package. Builds decide; but a build without its registration is what an install leaves that was cut short
 * half way: such a server is not current.
 */
export function level({ fact, package: update }: PrecheckInput): Level {
  const { exchange } = fact
  if (exchange === null || update.build === null || servicePackLine(exchange.build) !== servicePackLine(update.build)) {
    return { current: false, superseded: false, note: '' }
  }
  const order = compareBuilds(exchange.build, update.build)
  if (order < 0) return { current: false, superseded: false, note: '' }
  const holds = describeBuild(exchange.build)
  const registered = fact.updates.some(({ patchCode, kb }) => {
    return patchCode.toUpperCase() === update.patchCode || (kb !== null && kb === update.kb)
  })
  if (order === 0 && !registered) return { current: false, superseded: false, note: '' }
  return order === 0
    ? { current: true, superseded: false, note: `already current: ${holds}` }
    : {
        current: true,
        superseded: true,
        note: `superseded: ${holds} is installed, newer than ${update.kb ?? update.name}`,
      }
}

/** What lets `superseded` be let through by name like a block, though by default such a server is simply `ok`. */
export function supersededBlock(note: string): Block {
  return {
    block: 'superseded',
    message: note,
    remedy: 'Nothing to do: rollups are cumulative, the newer one contains this one.',
  }
}

/** `8.1` of `8.1.311.3`. */
function servicePackLine(build: string): string {
  return build.split('.').slice(0, 2).join('.')
}
