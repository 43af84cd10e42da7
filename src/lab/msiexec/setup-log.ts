import { unlessFull } from '../world/file-system.js'
import type { LabServer } from '../world/lab-server.js'

/** Appends `[HH:mm:ss] text` lines to one of the logs that Exchange's own scripts keep (msi-log-format.md, last section). They only grow. */
export function addToSetupLog({ files, clock }: LabServer, path: string, ...texts: string[]): void {
  const time = clock.now().toISOString().slice(11, 19)
  // Exchange's scripts go on without their log.
  unlessFull(() => files.append(path, texts.map(text => `[${time}] ${text}\r\n`).join('')))
}

/** `10/14/2008 8:04:12 PM`, as `Get-Date` prints itself under en-US. */
export function dateText(now: Date): string {
  const hours = now.getUTCHours()
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${now.getUTCMonth() + 1}/${now.getUTCDate()}/${now.getUTCFullYear()} ${hours % 12 === 0 ? 12 : hours % 12}:${two(now.getUTCMinutes())}:${two(now.getUTCSeconds())} ${hours < 12 ? 'AM' : 'PM'}`
}
