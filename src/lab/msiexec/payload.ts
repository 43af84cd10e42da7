import { SeededRandom } from '../world/seeded-random.js'
import { installPath } from '../world/windows-places.js'

/** One file that the rollup replaces. */
export interface PayloadFile {
  /** Key of its row in the package's File table. */
  key: string
  folder: string
  name: string
  component: string
  /** `{GUID}` of the component. */
  componentId: string
  bytes: number
  /** A .NET assembly gets a native image. */
  assembly: boolean
}

const folders = [
  'Bin',
  'Bin',
  'Bin',
  'ClientAccess\\Owa\\Bin',
  'ClientAccess\\Sync\\Bin',
  'ClientAccess\\ExchWeb\\EWS\\Bin',
  'Mailbox',
  'TransportRoles\\agents\\Hygiene',
  'UnifiedMessaging\\Grammars\\en',
  'Scripts',
] as const
const areas = [
  'Data',
  'Transport',
  'Management',
  'Net',
  'Rpc',
  'Setup',
  'Clients',
  'Services',
  'UM',
  'Search',
  'Security',
]
const subjects = [
  'Common',
  'Storage',
  'Directory',
  'Mime',
  'Logging',
  'Agents',
  'Diagnostics',
  'Configuration',
  'Tasks',
  'Protocols',
  'Calendar',
  'Rules',
  'Sync',
  'Delivery',
]
const endings = ['dll', 'dll', 'dll', 'exe', 'xml', 'ps1', 'gif', 'aspx', 'js'] as const

/** Every role has these two; ExSetup.exe's version is the server's build (exchange.md 2.6). */
const exSetupFile: PayloadFile = fileNamed('Bin', 'ExSetup.exe', 0, new SeededRandom('ExSetup.exe'))
const commonFile: PayloadFile = fileNamed('Bin', 'Microsoft.Exchange.Common.dll', 1, new SeededRandom('Common.dll'))

const known: PayloadFile[] = []
const random = new SeededRandom('payload of the rollup')

/** `count` files of the rollup in the order they are copied: of one package, so the same on every server. ExSetup.exe comes half way. */
export function payloadFiles(count: number): readonly PayloadFile[] {
  while (known.length < count) known.push(fileOf(known.length + 2))
  const files = known.slice(0, Math.max(0, count - 2))
  files.splice(Math.floor(count * 0.5), 0, exSetupFile)
  files.splice(Math.floor(count * 0.7), 0, commonFile)
  return files
}

export function isExSetup(file: PayloadFile): boolean {
  return file === exSetupFile
}

function fileOf(index: number): PayloadFile {
  const [folder, name] = nameOf(index)
  return fileNamed(folder, name, index, random)
}

function fileNamed(folder: string, name: string, index: number, random: SeededRandom): PayloadFile {
  return {
    key: `F_${index}`,
    folder: `${installPath}\\${folder}`,
    name,
    component: `C_${index}`,
    componentId: `{${random.hex(8)}-${random.hex(4)}-${random.hex(4)}-${random.hex(4)}-${random.hex(12)}}`,
    bytes: random.between(2, 900) * 1024 + random.between(0, 1023),
    assembly: /\.(dll|exe)$/.test(name),
  }
}

function nameOf(index: number): [string, string] {
  const pick = (words: readonly string[]): string => words[random.between(0, words.length - 1)] ?? ''
  const ending = pick(endings)
  if (ending === 'dll' || ending === 'exe') {
    return [pick(folders), `Microsoft.Exchange.${pick(areas)}.${pick(subjects)}${index}.${ending}`]
  }
  if (ending === 'ps1') return ['Scripts', `Update-${pick(areas)}${pick(subjects)}${index}.ps1`]
  if (ending === 'xml') return ['Bin', `${pick(areas)}${pick(subjects)}Schema${index}.xml`]
  return [
    `ClientAccess\\Owa\\8.1.311.3\\${pick(['themes', 'scripts', 'forms'])}`,
    `${pick(subjects)}${index}.${ending}`,
  ]
}
