export interface Jump {
  username?: string
  host: string
  port: number
}

/** Reads `[user@]host[:port]` (an IPv6 address with a port goes in brackets); undefined when it is not that. */
export function parseJump(text: string): Jump | undefined {
  // The last @ separates: a user name may hold one (user@domain).
  const at = text.lastIndexOf('@')
  const username = at < 0 ? undefined : text.slice(0, at)
  const rest = text.slice(at + 1)
  const match = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^\s[\]:]+))(?::(\d{1,5}))?$/.exec(rest)
  const host =
    match?.[1] ?? match?.[2] ?? (/^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/.test(rest) ? rest : undefined)
  const port = match?.[3] === undefined ? 22 : Number(match[3])
  if (host === undefined || username === '' || port < 1 || port > 65535) return undefined
  return username === undefined ? { host, port } : { username, host, port }
}
