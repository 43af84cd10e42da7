/** What an operator may ask of a living run. It travels to the runner as JSON; a granted wish comes back as `control.taken`. */
export type Wish =
  | { action: 'pause' | 'resume' | 'abort' | 'leave' | 'approve' }
  | { action: 'retry' | 'skip' | 'restore'; server: string }

/** `why` is one sentence for the operator. */
export type WishAnswer = { granted: true } | { granted: false; why: string }

/** The narrow door from a viewer to the runner. */
export interface RunWishes {
  ask(wish: Wish): Promise<WishAnswer>
  /**
   * The viewer shows the log of this server now (null: of none): its `log.line` events are wanted, which no journal holds.
   * Without it a viewer has the pulled logs only.
   */
  follow?(server: string | null): void
}
