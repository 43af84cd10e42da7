import type { AttemptFacts } from './attempt.js'
import type { Cause, LogKind } from './finding.js'

/** An attempt with where it stands, while the rules go over all logs. */
export interface Judged {
  path: string
  attempt: AttemptFacts
  causes: Cause[]
}

/** Two logs tell of one thing if their clocks, seconds since midnight, are this near. */
const nearSeconds = 3600
const daySeconds = 86_400

/**
 * The attempts of a kind that belong to this one: of the same folder (the logs of one server are pulled into one), and of the same
 * time. Logs of several attempts mostly have no date, so of each other log only the nearest one counts; without times, the last
 * belongs to the last.
 */
export function relatedTo(own: Judged, all: readonly Judged[], kind: LogKind): Judged[] {
  const others = all.filter(
    other => other.path !== own.path && other.attempt.kind === kind && folderOf(other.path) === folderOf(own.path),
  )
  const paths = [...new Set(others.map(({ path }) => path))]
  return paths.flatMap(
    path =>
      nearest(
        own.attempt,
        others.filter(other => other.path === path),
      ) ?? [],
  )
}

export function folderOf(path: string): string {
  return /^(.*)[/\\][^/\\]*$/.exec(path)?.[1] ?? ''
}

function nearest({ failedAt, followed, kind }: AttemptFacts, others: readonly Judged[]): Judged | undefined {
  // ExchangeSetup.log may keep another clock (msi-log-format.md: whether its stamps are UTC was not checked).
  const timed = failedAt === undefined || kind === 'exchange-setup' ? [] : others.filter(hasTime)
  if (failedAt === undefined || timed.length === 0)
    return followed ? undefined : others.find(other => !other.attempt.followed)
  const [best] = timed
    .map(other => ({ other, apart: apart(failedAt, other.attempt.failedAt ?? 0) }))
    .sort((a, b) => a.apart - b.apart)
  return best !== undefined && best.apart <= nearSeconds ? best.other : undefined
}

function hasTime({ attempt }: Judged): boolean {
  return attempt.failedAt !== undefined && attempt.kind !== 'exchange-setup'
}

/** Across midnight too. */
function apart(a: number, b: number): number {
  const direct = Math.abs(a - b)
  return Math.min(direct, daySeconds - direct)
}
