import type { StartType } from '../../scripts/catalog.js'
import type { LabServer } from '../world/lab-server.js'
import { setupLogs } from '../world/windows-places.js'

/** What BeforePatch keeps of the services until AfterPatch gives them back (exchange.md 2.4). */
export const stateFile = `${setupLogs}\\ServiceState.xml`
export const startupModeFile = `${setupLogs}\\ServiceStartupMode.xml`

/** WMI's three words; it knows no delayed start. */
const startModes: Readonly<Record<string, StartType>> = { Auto: 'Automatic', Manual: 'Manual', Disabled: 'Disabled' }

/** Saves which of these services run and how they start. A service that WMI does not list has no start mode here. */
export function saveServiceState(server: LabServer, names: readonly string[]): void {
  const found = names.flatMap(name => server.services.find(name) ?? [])
  const modes = found.filter(({ name }) => !server.hiddenFromWmi.has(name.toLowerCase()))
  server.files.write(stateFile, objects(found.map(({ name, state }) => [name, state])))
  server.files.write(startupModeFile, objects(modes.map(({ name, startType }) => [name, startMode(startType)])))
}

/** The services that ran; undefined when the file is gone. */
export function savedRunning(server: LabServer): string[] | undefined {
  return saved(server, stateFile)
    ?.filter(([, state]) => state === 'Running')
    .map(([name]) => name)
}

/** Start types by service; undefined when the file is gone. */
export function savedStartTypes(server: LabServer): [string, StartType][] | undefined {
  return saved(server, startupModeFile)?.flatMap(([name, mode]): [string, StartType][] => {
    const startType = startModes[mode]
    return startType === undefined ? [] : [[name, startType]]
  })
}

export function removeServiceState({ files }: LabServer): void {
  for (const path of [stateFile, startupModeFile]) if (files.exists(path)) files.remove(path)
}

function startMode(startType: StartType): string {
  return startType === 'Disabled' || startType === 'Manual' ? startType : 'Auto'
}

function saved({ files }: LabServer, path: string): [string, string][] | undefined {
  if (!files.exists(path)) return undefined
  return [...files.text(path).matchAll(/<S N="Name">([^<]*)<\/S><S N="Value">([^<]*)<\/S>/g)].map(match => [
    match[1] ?? '',
    match[2] ?? '',
  ])
}

/** As `Export-Clixml` writes a list of objects. */
function objects(rows: readonly (readonly [string, string])[]): string {
  const bodies = rows.map(
    ([name, value], index) =>
      `  <Obj RefId="RefId-${index}"><MS><S N="Name">${name}</S><S N="Value">${value}</S></MS></Obj>`,
  )
  return [
    '<Objs Version="1.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">',
    ...bodies,
    '</Objs>',
    '',
  ].join('\r\n')
}
