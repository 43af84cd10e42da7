import { type AnchorTable, anchorLength } from './anchors.js'

/** Characters of a log, 8 or 16 bits each. */
export type Units = Uint8Array | Uint16Array

/**
 * Writes where an anchor may end in `units` from `from` to `to` into `found`, in no order, and returns how many. Four searches go side
 * by side, a quarter each: a step waits for the one before it, and meanwhile the processor has the time for three others.
 */
export function searchAnchors(
  units: Units,
  [from, to]: readonly [number, number],
  { shift }: AnchorTable,
  found: Int32Array,
): number {
  const quarter = Math.max(0, to - from) >> 2
  const first = from + anchorLength - 1
  const [endA, endB, endC] = [first + quarter, first + 2 * quarter, first + 3 * quarter]
  let [a, b, c, d] = [first, endA, endB, endC]
  let count = 0
  while (a < endA && b < endB && c < endC && d < to) {
    const stepA = stepAt(units, a, shift)
    const stepB = stepAt(units, b, shift)
    const stepC = stepAt(units, c, shift)
    const stepD = stepAt(units, d, shift)
    if (stepA === 0) found[count++] = a++
    else a += stepA
    if (stepB === 0) found[count++] = b++
    else b += stepB
    if (stepC === 0) found[count++] = c++
    else c += stepC
    if (stepD === 0) found[count++] = d++
    else d += stepD
  }
  const rest = [a, Math.min(endA, to), b, Math.min(endB, to), c, Math.min(endC, to), d, to]
  for (let i = 0; i < rest.length; i += 2) {
    for (let at = rest[i] ?? to; at < (rest[i + 1] ?? to); ) {
      const step = stepAt(units, at, shift)
      if (step === 0) found[count++] = at++
      else at += step
    }
  }
  return count
}

/** The hash of anchors.ts, written out: a call for each step would cost more than the step. */
function stepAt(units: Units, at: number, shift: Uint8Array): number {
  return shift[((units[at] ?? 0) ^ ((units[at - 1] ?? 0) << 5) ^ ((units[at - 2] ?? 0) << 10)) & 0xffff] ?? 1
}
