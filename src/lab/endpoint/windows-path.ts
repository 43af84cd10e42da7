import { win32 } from 'node:path'

/** Where a logon of the lab's account starts, as sshd on Windows starts it in the user's profile. */
export const homeFolder = 'C:\\Users\\exadmin'

/**
 * A whole Windows path (`C:\x\y`, no trailing backslash but for a drive's root) from what a person or a client wrote:
 * either slash, doubled slashes, `.` and `..`, relative to `base`, a drive letter of either case.
 */
export function windowsPath(written: string, base: string = homeFolder): string {
  const plain = written.replace(/[\\/]+/g, '\\')
  const drive = /^([A-Za-z]):(.*)$/.exec(plain)
  const whole =
    drive !== null
      ? `${drive[1]?.toUpperCase()}:\\${drive[2]}`
      : plain.startsWith('\\')
        ? `${base.slice(0, 2)}${plain}`
        : `${base}\\${plain}`
  const normal = win32.normalize(whole)
  return normal.length > 3 ? normal.replace(/\\$/, '') : normal
}

/**
 * The Windows path of an SFTP path as sshd on Windows takes it: `/C:/x`, `C:/x`, `C:\x`, or relative to the profile;
 * undefined for `/`, the list of drives.
 */
export function fromSftpPath(written: string): string | undefined {
  const plain = written.replace(/\\/g, '/')
  const absolute = /^\/*([A-Za-z]):(.*)$/.exec(plain)
  if (absolute !== null) {
    const rest = (absolute[2] ?? '').replace(/^\/+/, '')
    return climbsOut(rest) ? undefined : windowsPath(`${absolute[1]}:\\${rest}`)
  }
  if (!plain.startsWith('/')) {
    const fromHome = `${homeFolder.slice(3).replace(/\\/g, '/')}/${plain}`
    return climbsOut(fromHome) ? undefined : windowsPath(plain)
  }
  const rest = plain.replace(/^\/+/, '').replace(/^(\.{1,2}(\/+|$))+/, '')
  return rest === '' ? undefined : windowsPath(`\\${rest}`)
}

/** `/C:/x` of `C:\x`. */
export function toSftpPath(path: string | undefined): string {
  return path === undefined ? '/' : `/${path.replace(/\\/g, '/')}`
}

export function parentFolder(path: string): string {
  return win32.dirname(path)
}

export function baseName(path: string): string {
  return win32.basename(path)
}

/** True when `..` leads above the drive's root, which over SFTP is the list of drives. */
function climbsOut(rest: string): boolean {
  let depth = 0
  for (const part of rest.split('/')) {
    if (part === '' || part === '.') continue
    depth += part === '..' ? -1 : 1
    if (depth < 0) return true
  }
  return false
}
