import type { LabServer } from '../world/lab-server.js'
import { systemSid } from '../world/windows-places.js'

/** A scope of a setting that is an account's SID. */
export function isAccount(scope: string): boolean {
  return /^S-1-[0-9-]+$/.test(scope)
}

function ownName(sid: string): string {
  return `exroll-${sid}`
}

/** The key of HKEY_USERS with an account's registry; undefined when it is not mounted (ps-scripts/shared/Hive.ps1). */
export function hiveName({ hives }: LabServer, sid: string): string | undefined {
  return [sid, ownName(sid)].find(name => hives.kept(`HKU\\${name}`) !== null)
}

/** Whether the settings of a scope can be read now. SYSTEM's registry is always there. */
export function isReadable(server: LabServer, scope: string): boolean {
  return !isAccount(scope) || scope === systemSid || hiveName(server, scope) !== undefined
}

/** Mounts the registry of an account that is not logged on. Returns '' or why it cannot be reached. */
export function mountAccount(server: LabServer, sid: string): string {
  if (isReadable(server, sid)) return ''
  const folder = server.hives.folderOf(sid)
  if (folder === null) return `the registry of ${sid} cannot be reached: it has no profile on this server`
  try {
    server.hives.mount(ownName(sid), folder)
    return ''
  } catch (error) {
    return `the registry of ${sid} cannot be reached: ${messageOf(error)}`
  }
}

/** Takes away what was mounted here. Returns '' or why it could not. */
export function dismountAccount(server: LabServer, sid: string): string {
  const name = ownName(sid)
  if (!server.hives.mounts.includes(name.toLowerCase())) return ''
  try {
    server.hives.dismount(name)
    return ''
  } catch (error) {
    return `the registry of ${sid} is still mounted as HKU\\${name}: ${messageOf(error)}`
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
