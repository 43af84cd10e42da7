import type { Knowledge } from '../diagnosis/rule.js'
import { describeBuild, findKb } from './builds.js'
import { knownPatches } from './load.js'

/** The build tables as diagnosis asks for them: the rules themselves hold no data. */
export const knowledge: Knowledge = {
  describeKb(kb) {
    const [row, ...others] = findKb(kb)
    if (row === undefined) return undefined
    const release = `Exchange ${row.generation} ${row.level}`
    return others.length === 0 ? { release, build: row.build } : { release }
  },
  kbOfPatch(code) {
    return knownPatches().find(patch => patch.code === code.toUpperCase())?.kb
  },
  describeBuild,
}
