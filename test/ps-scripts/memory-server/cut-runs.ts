import type { Case, Step } from './cases.js'
import { guardLooks, minutesPass, registerGuard, snapshot, stagedPackage, startJob, stopAndDisable } from './steps.js'
import { places, type WorldOptions } from './world.js'

/** A server whose settings have to be changed for its install, and whose installer stops and disables services. */
export const server: WorldOptions = {
  crl: false,
  registry: { [places.crl]: 0x23c00, [places.policy]: 'Restricted' },
  services: [
    { name: 'MSExchangeIS', dependsOn: ['MSExchangeADTopology'] },
    { name: 'MSExchangeADTopology' },
    { name: 'MSExchangePOP3', startType: 'Manual', state: 'Stopped' },
  ],
  installer: `${stopAndDisable}; 0`,
  hangs: 1,
}

export const installerEnded: Step = { ps: '$global:World.mutex = $false' }
export const powerGoesIn = (calls: number): Step => ({ ps: `$global:World.killAt = $global:World.calls + ${calls}` })
/** Nobody follows any more; the guard looks until it has nothing left to do. */
export const guardFinishes = [minutesPass(11), guardLooks, minutesPass(5), guardLooks]

export function cutJob(calls: number, ...afterwards: Step[]): Case {
  return {
    world: server,
    files: stagedPackage,
    steps: [snapshot(), registerGuard(), powerGoesIn(calls), startJob(), ...afterwards, ...guardFinishes],
  }
}

export const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
export const never = 1_000_000
