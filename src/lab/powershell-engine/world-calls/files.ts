import { DiskFileSystem } from '../../world/disk-file-system.js'
import { copySharedFile } from '../../world/network-share.js'
import { exSetup, setupKey } from '../../world/windows-places.js'
import type { WorldCall } from '../world-calls.js'

/** ps-scripts/windows/Files.ps1. What a file's version resource would say is its content here. */
export const fileCalls: Record<string, WorldCall> = {
  'Get-NativePath': ({ server }, path: string) =>
    server.files instanceof DiskFileSystem ? server.files.spelling(path) : path,
  'Get-FreeBytes': ({ server }) => server.files.freeBytes,
  'Get-FileVersion': ({ server }, path: string) => (server.files.exists(path) ? server.files.text(path).trim() : null),
  'Get-FileArchitecture': ({ server }, path: string) => {
    if (!server.files.exists(path)) return null
    const program = path.replaceAll('/', '\\').toLowerCase() === exSetup.toLowerCase()
    return program ? server.registry.text(setupKey, 'Architecture') : 'x64'
  },
  'Copy-SharedFile': ({ server, sid }, from: string, to: string) => copySharedFile(server, { from, to, sid }),
  'Protect-Folder': () => null,
  'Get-FolderFault': () => '',
}
