import type { Sighting } from './attempt.js'
import { type AttemptView, evidenceOf } from './rule.js'
import { said } from './stated.js'

export const chain = {
  missing: "Couldn't find local patch",
  source: 'SOURCEMGMT: Looking for sourcelist for product',
  package: 'Note: 1: 1706',
  copyFailed: 'Note: 1: 1314',
  noCopy: 'Unable to create a temp copy of patch',
  orphaned: 'Could not find source for missing patch',
  resolved: 'SOURCEMGMT: Resolved source to:',
} as const

/** The same of the package of the product itself. */
export const missingPackage = 'Warning: Local cached package'

/** A registered patch whose cached file is gone, with what the log tells of it (exchange.md 4.4). */
export interface MissingPatch {
  /** Where the file has to be, under exactly this name: `C:\WINDOWS\Installer\5c321.msp`. */
  path: string
  /** Patch code; the log calls it a product. */
  code?: string
  /** Name of the package it was installed from. */
  packageName?: string
  /** The installer could not go on, or went on without the patch: nothing was found at the source. */
  notFound: boolean
  /** The log ends while the installer still looks for the package. */
  sought: boolean
  records: Sighting[]
}

/** Every missing patch of an attempt, each file once, in the order of the log. A patch that was found at its source is not missing. */
export function missingPatches(view: AttemptView): MissingPatch[] {
  const starts = said(view, [chain.missing])
  const patches = new Map<string, MissingPatch>()
  starts.forEach((start, i) => {
    const path = /Couldn't find local patch '([^']+)'/.exec(start.text)?.[1]
    if (path === undefined) return
    const patch = follow(view, { path, start, until: starts[i + 1]?.line ?? Number.POSITIVE_INFINITY })
    const known = patches.get(path.toLowerCase())
    if (known === undefined || (!known.notFound && patch.notFound)) patches.set(path.toLowerCase(), patch)
  })
  return [...patches.values()]
}

/** Lines after "Couldn't find local patch" in which the rest of its chain stands. */
const reach = 120

function follow(
  view: AttemptView,
  { path, start, until }: { path: string; start: Sighting; until: number },
): MissingPatch {
  const within = (phrase: string): Sighting | undefined =>
    said(view, [phrase]).find(({ line }) => line >= start.line && line < Math.min(until, start.line + reach))
  const source = within(chain.source)
  const named = within(chain.package)
  const copyFailed = within(chain.copyFailed)
  const end = within(chain.noCopy) ?? within(chain.orphaned) ?? copyFailed
  const code = /(\{[0-9A-Fa-f-]{36}\})/.exec(source?.tail ?? within(chain.orphaned)?.tail ?? '')?.[1]?.toUpperCase()
  const packageName =
    /Note: 1: 1706 2: \S+ 3: ?(\S.*?)\s*$/.exec(named?.tail ?? '')?.[1] ??
    /temp copy of patch '([^']+)'/.exec(within(chain.noCopy)?.tail ?? '')?.[1]
  return {
    path,
    ...(code === undefined ? {} : { code }),
    ...(packageName === undefined || packageName === '' ? {} : { packageName: lastPart(packageName) }),
    notFound: end !== undefined,
    sought:
      end === undefined &&
      named !== undefined &&
      view.attempt.outcome === 'incomplete' &&
      within(chain.resolved) === undefined,
    records: [start, source, named, end].filter(record => record !== undefined),
  }
}

function lastPart(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path
}

export function evidenceOfPatches(patches: readonly MissingPatch[]): ReturnType<typeof evidenceOf> {
  return evidenceOf(...patches.flatMap(({ records }) => records))
}
