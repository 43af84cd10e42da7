import { z } from 'zod'
import type { RunEvent } from '../events/event.js'
import type { WishAnswer } from '../events/wish.js'

/** The longest line either side takes: a wish is short, a log line is cut by the server's script. */
export const mostLineBytes = 64 * 1024

/** What a viewer sends, one JSON object a line. */
export const requestSchema = z.object({
  id: z.number().int(),
  /** From the control file, which only the owner of the run folder can read. */
  token: z.string(),
  /** Who asks, for the journal. */
  by: z.string().max(200),
  ask: z.union([
    z.strictObject({ action: z.enum(['pause', 'resume', 'abort', 'leave', 'approve']) }),
    z.strictObject({ action: z.enum(['retry', 'skip', 'restore']), server: z.string().max(400) }),
    /** The log of this server is looked at now; null: of none. */
    z.strictObject({ action: z.literal('follow'), server: z.string().max(400).nullable() }),
  ]),
})
export type ControlRequest = z.infer<typeof requestSchema>

/** What the runner sends: answers, and the `log.line` events of the followed server. */
export type ControlReply = { id: number; answer: WishAnswer } | { event: RunEvent }

/** The control file in the run folder: the way to the living runner. */
export interface ControlFile {
  address: string
  token: string
  pid: number
}

export const controlFileName = 'control.json'
