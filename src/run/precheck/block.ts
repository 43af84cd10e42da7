import type { BlockName } from '../../playbook/blocks.js'
import type { PackageInfo } from '../../products/model.js'
import type { Readiness, ServerFact } from '../../scripts/catalog.js'

/** One reason not to touch a server, with its cure. `playbook/blocks.ts` has the names, which `allow:` and `--allow` take. */
export interface Block {
  block: BlockName
  message: string
  remedy: string
}

export interface PrecheckInput {
  run: string
  fact: ServerFact
  readiness: Readiness
  package: PackageInfo
  /** Start types the product gives its services, for services that are Disabled now: short name to start type. */
  disabledByAccident: Record<string, string>
}

export type Check = (input: PrecheckInput) => Block[]
