import { setMaxListeners } from 'node:events'
import type { Wish, WishAnswer } from '../events/wish.js'

/** Wishes about one server: whoever carries the run out says whether they can be granted. */
export type ServerWish = Extract<Wish, { server: string }>
/** Wishes about the whole run. */
export type RunWish = Exclude<Wish, ServerWish>

/** What the operator may ask of a run. Each wish that is granted becomes an event. */
export interface RunControl {
  /** First Ctrl-C, SIGTERM, SIGHUP: what runs is finished and restored, nothing new starts. */
  stop(by: string): void
  /** Second Ctrl-C: leave at once; the servers' guards look after them. */
  leave(by: string): void
  readonly stopping: boolean
  /** Aborted by `leave`. */
  readonly leaving: AbortSignal
  /** Any wish, from whatever door it came in. Never throws for a wish that cannot be granted: the answer says why. */
  ask(wish: Wish, by: string): Promise<WishAnswer>
  /** The playbook asks for somebody's yes before the next batch: a pause that `approve` and `resume` end. */
  awaitApproval(): void
  /** Resolves when the run is neither paused nor waiting for approval; at once when it is stopping. */
  untilFree(): Promise<void>
  /** Who carries out wishes about servers; undefined once the run has come to its end. */
  serve(servant: ((wish: ServerWish, by: string) => Promise<WishAnswer>) | undefined): void
  /** Called once for each granted wish about the run. */
  onWish(listener: (wish: RunWish, by: string) => void): void
}

/** What `control.taken` of a pause names as its origin when the playbook asks for approval. */
export const approvalBy = 'playbook (between.confirm)'

const granted: WishAnswer = { granted: true }

export function createRunControl(): RunControl {
  const leaving = new AbortController()
  // Every server of the fleet listens to it.
  setMaxListeners(0, leaving.signal)
  const listeners: ((wish: RunWish, by: string) => void)[] = []
  const waiting = new Set<() => void>()
  let stopping = false
  let held: 'paused' | 'approval' | undefined
  let servant: ((wish: ServerWish, by: string) => Promise<WishAnswer>) | undefined

  const tell = (wish: RunWish, by: string) => {
    for (const listener of listeners) listener(wish, by)
  }
  const free = () => {
    held = undefined
    for (const go of waiting) go()
    waiting.clear()
  }

  const control: RunControl = {
    stop(by) {
      if (stopping) return
      stopping = true
      tell({ action: 'abort' }, by)
      free()
    },
    leave(by) {
      if (leaving.signal.aborted) return
      stopping = true
      tell({ action: 'leave' }, by)
      leaving.abort(new Error('left by the operator'))
      free()
    },
    get stopping() {
      return stopping
    },
    leaving: leaving.signal,
    async ask(wish, by) {
      if ('server' in wish) {
        return servant === undefined ? { granted: false, why: 'the run has come to its end' } : servant(wish, by)
      }
      const why = refusal(wish, { stopping, held })
      if (why !== undefined) return { granted: false, why }
      switch (wish.action) {
        case 'abort':
          control.stop(by)
          break
        case 'leave':
          control.leave(by)
          break
        case 'pause':
          held = 'paused'
          tell(wish, by)
          break
        case 'resume':
        case 'approve':
          tell(wish, by)
          free()
      }
      return granted
    },
    awaitApproval() {
      if (stopping) return
      held = 'approval'
      tell({ action: 'pause' }, approvalBy)
    },
    async untilFree() {
      while (held !== undefined) await new Promise<void>(resolve => waiting.add(resolve))
    },
    serve(next) {
      servant = next
    },
    onWish(listener) {
      listeners.push(listener)
    },
  }
  return control
}

/** Why a wish about the run cannot be granted now; undefined when it can. */
function refusal(
  { action }: RunWish,
  { stopping, held }: { stopping: boolean; held: 'paused' | 'approval' | undefined },
): string | undefined {
  switch (action) {
    case 'abort':
      return stopping ? 'the run is being stopped already' : undefined
    case 'leave':
      return undefined
    case 'pause':
      if (stopping) return 'the run is being stopped'
      if (held === 'approval') return 'the run is waiting for approval already'
      return held === undefined ? undefined : 'the run is paused already'
    case 'resume':
      return held === undefined ? 'the run is not paused' : undefined
    case 'approve':
      return held === 'approval' ? undefined : 'the run is not waiting for approval'
  }
}
