import type { EventEntry } from './event-log.js'

/** Events one after the other, each as `wevtutil qe /f:text` shows it. */
export function eventsText(computerName: string, entries: readonly EventEntry[]): string {
  return entries.map((entry, index) => eventText(computerName, entry, index)).join('\r\n')
}

function eventText(computerName: string, { log, source, id, level, at, text }: EventEntry, index: number): string {
  return [
    `Event[${index}]:`,
    `  Log Name: ${log}`,
    `  Source: ${source}`,
    `  Date: ${at.toISOString().replace('Z', '')}`,
    `  Event ID: ${id}`,
    `  Level: ${level}`,
    `  Computer: ${computerName}`,
    '  Description: ',
    text,
    '',
  ].join('\r\n')
}
