/** Where relative paths of a file start: its own folder, and the home of the operator for `~/`. */
export interface PathBase {
  /** Absolute path of the file that holds the path. */
  file: string
  home?: string | undefined
}

const windowsDrive = /^[A-Za-z]:[\\/]/
const windowsShare = /^\\\\/

/**
 * `path` of an inventory or playbook as an absolute path. Backslashes separate only where the file itself lies on Windows.
 * (node:path is not used: it would make the same file mean something else on another machine.)
 */
export function absolutePath(path: string, { file, home }: PathBase): string {
  const windows = windowsDrive.test(file) || windowsShare.test(file)
  if (path.startsWith('/') || windowsDrive.test(path) || (windows && windowsShare.test(path))) return path
  const [folder, rest] =
    home !== undefined && /^~[\\/]/.test(path) ? [home, path.slice(2)] : [folderOf(file, windows), path]
  return join(folder, rest, windows)
}

function folderOf(file: string, windows: boolean): string {
  const last = Math.max(file.lastIndexOf('/'), windows ? file.lastIndexOf('\\') : -1)
  return last < 0 ? '' : file.slice(0, last)
}

function join(folder: string, path: string, windows: boolean): string {
  const separator = windows && folder.includes('\\') ? '\\' : '/'
  const parts = folder.split(separator)
  for (const part of path.split(windows ? /[\\/]/ : '/')) {
    if (part === '' || part === '.') continue
    // The first part is the root or the drive: there is nothing above it.
    if (part === '..') parts.length > 1 && parts.pop()
    else parts.push(part)
  }
  return parts.length === 1 ? `${parts[0]}${separator}` : parts.join(separator)
}
