import type { Step } from '../context.js'

/** Opens the session. What goes wrong here is `unreachable`, not `failed`: nothing was changed. */
export const connect: Step = async ({ link }) => {
  const { via } = await link.connect()
  return via === undefined ? { outcome: 'ok' } : { outcome: 'ok', note: `over ${via}` }
}
