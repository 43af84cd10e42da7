import { ConnectError } from '../errors.js'
import { greeter } from './greeting.js'
import { lookMs, silentMs } from './network.js'
import { askWhatIsSpoken } from './second-look.js'

/** Another server is there, or none that speaks: told by how it begins. */
export async function whyNotSsh(
  error: unknown,
  identification: string,
  { host, port }: { host: string; port: number },
): Promise<unknown> {
  if (!(error instanceof ConnectError) || /^SSH-(?:2\.|1\.99)/.test(identification)) return error
  const where = `${host}:${port}`
  const patienceMs = error.code === 'CONNECT_TIMEOUT' ? silentMs : lookMs
  const protocols = ['http', 'other'] as const
  const spoken = identification === '' ? await askWhatIsSpoken({ host, port, patienceMs, protocols }) : undefined
  if (spoken?.protocol === 'http') return notSsh(where, 'a web server')
  const greeting = spoken?.protocol === 'other' ? spoken.greeting : identification
  if (greeting === '') return error
  if (/^SSH-1\./.test(greeting)) {
    return new ConnectError(`${where} speaks SSH 1 alone ("${greeting}").`, {
      code: 'HANDSHAKE_FAILED',
      hint: 'Its SSH server is too old for anybody to trust. Install OpenSSH for Windows, or use transport: winrm.',
    })
  }
  if (/MaxStartups|not allowed at this time/i.test(greeting)) {
    return new ConnectError(`${where} takes no more connections ("${greeting}").`, {
      code: 'CONNECT_FAILED',
      hint: 'Raise MaxStartups in C:\\ProgramData\\ssh\\sshd_config, then Restart-Service sshd; or use a lower throttle.',
    })
  }
  return notSsh(where, /^HTTP\//.test(greeting) ? 'a web server' : greeter(greeting))
}

function notSsh(where: string, what: string): ConnectError {
  return new ConnectError(`${where} is ${what}, not SSH.`, {
    code: 'NOT_SSH',
    hint: 'Write the port of its SSH server (22 unless sshd_config says otherwise), or transport: winrm.',
  })
}
