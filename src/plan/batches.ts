import type { Rollout } from '../playbook/model.js'
import { batchSize } from './amount.js'
import type { Batch } from './model.js'
import type { Rank } from './rank.js'

/**
 * Cuts ranks into batches (product.md, definitions 2 to 4): a batch never spans two ranks; the canaries, the first servers of the first rank,
 * run first and alone and are not counted again; `serial` starts anew in each rank and its last entry repeats; a percentage is of
 * the whole rank, canaries included.
 */
export function cutBatches(ranks: readonly Rank[], rollout: Pick<Rollout, 'canary' | 'serial'>): Batch[] {
  const batches: Batch[] = []
  const add = (rank: Rank, canary: boolean, from: number, size: number) => {
    const servers = rank.servers.slice(from, from + size).map(({ name }) => name)
    batches.push({ index: batches.length + 1, rank: rank.name, canary, servers })
  }
  for (const [index, rank] of ranks.entries()) {
    const whole = rank.servers.length
    const canaries = index === 0 ? Math.min(rollout.canary, whole) : 0
    if (canaries > 0) add(rank, true, 0, canaries)
    for (let from = canaries, entry = 0; from < whole; entry++) {
      const size = batchSize(rollout.serial[entry] ?? rollout.serial.at(-1) ?? { count: 1 }, whole)
      add(rank, false, from, size)
      from += size
    }
  }
  return batches
}
