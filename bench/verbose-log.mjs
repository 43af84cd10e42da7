// Writes a Windows Installer verbose log of a wanted size, as msiexec writes one of a rollup: mostly files, registry values and
// properties, and between them actions that begin and end. It ends with an action that fails.
import { closeSync, openSync, writeSync } from 'node:fs'

const frame =
  '=== Verbose logging started: 6/2/2009  6:50:58  Build type: SHIP UNICODE 4.05.6002.00  Calling process: C:\\Windows\\System32\\msiexec.exe ==='
const ending = [
  'CAQuietExec:  Error 0x80070001: Command line returned an error.',
  'CAQuietExec:  Error 0x80070001: CAQuietExec Failed',
  'Action ended 6:59:59: CA_SAVEDATA_STOP_SERVICES. Return value 3.',
  'MSI (s) (DC:C8) [06:59:59:990]: MainEngineThread is returning 1603',
]

/** A line of each kind; `i` makes it differ from its like. */
const common = [
  i => `Executing op: FileCopy(SourceName=f${i}.dll|Contoso.Mail.Storage${i}.dll,SourceCabKey=f${i},DestName=Contoso.Mail.Storage${i}.dll,Attributes=512,FileSize=${i * 7},PerTick=32768,,VerifyMedia=1,,,,,CheckCRC=0,Version=8.1.${i}.3,Language=0,InstallMode=58982400,,,,,,,)`,
  i => `File: C:\\Program Files\\Microsoft\\Exchange Server\\bin\\Contoso.Mail${i}.dll;\tOverwrite;\tWon't patch;\tExisting file is a lower version`,
  i => `Source for file '_${i}F1C4A7' is compressed`,
  i => `Executing op: SetTargetFolder(Folder=C:\\Program Files\\Microsoft\\Exchange Server\\ClientAccess\\${i}\\)`,
  i => `Executing op: RegAddValue(Name=Version${i},Value=#${i},)`,
  i => `Executing op: RegOpenKey(Root=-2147483646,Key=SOFTWARE\\Contoso\\Mail\\${i},,BinaryType=1,,)`,
  i => `Component: C_${i}; Installed: Local;   Request: Reinstall;   Action: Reinstall;   Client State: Local`,
  i => `PROPERTY CHANGE: Adding Folder${i} property. Its value is 'C:\\Windows\\assembly'.`,
] // biome-ignore format: a line each
const rare = [
  (i, at) => [`MSI (s) (DC:C8) [0${at}:000]: Doing action: Action${i}`, `Action start ${at}: Action${i}.`],
  (i, at) => [`Action ended ${at}: Action${i}. Return value 1.`],
  (_, at) => [`MSI (s) (DC:C8) [0${at}:000]: Note: 1: 2262 2: Error 3: -2147287038 `],
  (i, at) => [`MSI (s) (DC:C8) [0${at}:000]: Executing op: ActionStart(Name=Action${i},Description=Copying new files,)`],
  (i) => [`Property(S): Folder${i} = C:\\Program Files\\Microsoft\\Exchange Server\\bin\\`],
] // biome-ignore format: a line each

/** Lines of a hundred that are about actions, notes and properties: as in real logs. */
const rareOfHundred = 6

function block() {
  const lines = []
  for (let i = 0; i < 20_000; i += 1) {
    const at = `6:${String(51 + Math.floor(i / 2500)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}`
    lines.push(
      `MSI (s) (DC:C8) [0${at}:${String(i % 1000).padStart(3, '0')}]: ${common[(i * 7 + (i >> 3)) % common.length](i)}`,
    )
    if ((i * rareOfHundred) % 100 < rareOfHundred)
      lines.push(...rare[Math.floor((i * rareOfHundred) / 100) % rare.length](i, at))
  }
  return `${lines.join('\r\n')}\r\n`
}

/** `encoding`: utf8 or utf16le, the latter with a byte order mark, as msiexec writes. */
export function writeVerboseLog(path, bytes, encoding) {
  const file = openSync(path, 'w')
  const mark = encoding === 'utf16le' ? '\ufeff' : ''
  let written = writeSync(file, Buffer.from(`${mark}${frame}\r\n`, encoding))
  const part = Buffer.from(block(), encoding)
  while (written < bytes) written += writeSync(file, part)
  writeSync(file, Buffer.from(`${ending.join('\r\n')}\r\n`, encoding))
  closeSync(file)
}
