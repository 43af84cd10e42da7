import type { LogonMethod } from './logon.js'

/** Basic (RFC 7617): the password itself, with every request. Local accounts only; seals nothing. */
export function basicLogon({ username, password }: { username: string; password: string }): LogonMethod {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
  return { name: 'basic', logOn: async () => ({ authorization }) }
}
