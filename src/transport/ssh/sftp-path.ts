/**
 * A path as SFTP wants it. Windows paths (`C:\a\b`, `\\server\share\a`, either slash) get forward slashes, as
 * Win32-OpenSSH's sftp-server expects; a POSIX path stays as it is, because there a backslash is part of a name.
 */
export function sftpPath(path: string): string {
  return isWindowsPath(path) ? path.replaceAll('\\', '/') : path
}

function isWindowsPath(path: string): boolean {
  return /^[A-Za-z]:[\\/]/.test(path) || path.startsWith('\\\\')
}
