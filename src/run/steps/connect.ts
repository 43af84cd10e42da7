import type { Step } from '../context.js'

/** Opens the session. What goes wrong here is `unreachable`, not `failed`: nothing was changed. */
export const connect: Step = async ({ link }) => {
  await link.connect()
  return { outcome: 'ok' }
}
