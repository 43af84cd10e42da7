import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { labDomain } from './accounts.js'
import type { LabServer } from './lab-server.js'
import { systemSid } from './windows-places.js'

/** Win32 errors (winerror.h) as HRESULTs without a sign, in the words that Windows has for them. */
const refusals = {
  fileNotFound: { result: 0x80070002, text: 'The system cannot find the file specified.' },
  accessDenied: { result: 0x80070005, text: 'Access is denied.' },
  badNetworkPath: { result: 0x80070035, text: 'The network path was not found.' },
  badNetworkName: { result: 0x80070043, text: 'The network name cannot be found.' },
  logonFailure: { result: 0x8007052e, text: 'The user name or password is incorrect.' },
} as const

/** How a copy from a share ended: `result` is 0, or why the file could not be read. */
export interface SharedCopy {
  /** Who asked the file server: SYSTEM is the computer's own account there. */
  account: string
  bytes: number
  result: number
  text: string
}

/** Copies a file of the lab's file server to the drive of a server, as the account with that SID. Throws `DiskFull`. */
export function copySharedFile(
  server: LabServer,
  { from, to, sid }: { from: string; to: string; sid: string },
): SharedCopy {
  const account = networkAccount(server, sid)
  const found = readShared(server, from, sid)
  if (!Buffer.isBuffer(found)) return { account, bytes: 0, ...found }
  server.files.write(to, found)
  return { account, bytes: found.length, result: 0, text: '' }
}

function networkAccount({ accounts, computerName }: LabServer, sid: string): string {
  const name = sid === systemSid ? `${computerName}$` : (accounts.find(account => account.sid === sid)?.name ?? sid)
  return `${labDomain}\\${name}`
}

function readShared(
  { share, domainController }: LabServer,
  path: string,
  sid: string,
): Buffer | { result: number; text: string } {
  const [, , computer = '', name = '', ...rest] = path.split('\\')
  const [, , known, shared] = share?.unc.split('\\') ?? []
  if (share === undefined || computer.toLowerCase() !== known?.toLowerCase()) return refusals.badNetworkPath
  // A computer outside the domain has no account that the file server would know.
  if (sid === systemSid && domainController === undefined) return refusals.logonFailure
  if (name.toLowerCase() !== shared?.toLowerCase()) return refusals.badNetworkName
  const file = join(share.folder, ...rest)
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined || rest.includes('..')) return refusals.fileNotFound
  return found.isFile() ? readFileSync(file) : refusals.accessDenied
}
