// Makes updates/Exchange2007-KB952580-x64-EN.msp: a valid OLE file with a patch's summary information and no Microsoft code, so that
// every playbook in playbooks/ runs against the lab as it is. Same bytes on every machine. Usage: node scripts/make-update.mjs [FOLDER]
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import cfb from 'cfb'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('..', import.meta.url))
const fileName = 'Exchange2007-KB952580-x64-EN.msp'
const kb = 'KB952580'
const payloadBytes = 200 * 1024

const data = name => parse(readFileSync(join(root, 'src', 'products', name), 'utf8'))
const { productCode, builds } = data('exchange-2007.yaml')
const { build } = builds.find(row => row.kb === kb)
const rollups = data('known-patches.yaml').patches.filter(
  ({ generation, level }) => generation === '2007' && /^SP1 RU\d$/.test(level),
)
const codeOf = level => rollups.find(patch => patch.level === level).code

const title = 'Update Rollup 4 for Exchange Server 2007 Service Pack 1'

// Windows Installer, "Summary Property Descriptions", column Patch. Word count 4: needs Windows Installer 3.0.
const properties = [
  [1, 1252],
  [2, title],
  [3, `${title} (${kb}) ${build}`],
  [4, 'exroll (synthetic, holds no Microsoft code)'],
  [6, 'Made by scripts/make-update.mjs of exroll. Not an update: installing it changes nothing.'],
  [7, productCode],
  // Rollups are cumulative within a service pack: the patch's own code, then those of the rollups it obsoletes, no delimiter.
  [9, ['SP1 RU4', 'SP1 RU1', 'SP1 RU2', 'SP1 RU3'].map(codeOf).join('')],
  [15, 4],
]

// MS-OLEPS 2.21: one property set, strings as VT_LPSTR padded to four bytes.
function summaryInformation() {
  const values = properties.map(([id, value]) => {
    if (id === 1) return u32(2, value)
    if (typeof value === 'number') return u32(3, value)
    const text = Buffer.from(`${value}\0`, 'latin1')
    return Buffer.concat([u32(30, text.length), text, Buffer.alloc((4 - (text.length % 4)) % 4)])
  })
  let at = 8 + 8 * properties.length
  const index = properties.map(([id], i) => {
    const entry = u32(id, at)
    at += values[i].length
    return entry
  })
  const section = Buffer.concat([u32(at, properties.length), ...index, ...values])
  const format = Buffer.from('e0859ff2f94f6810ab9108002b27b3d9', 'hex')
  // Byte order, version 0, system identifier Windows 5.1, no class, one set at offset 48.
  return Buffer.concat([u32(0x0000fffe, 0x00020105), Buffer.alloc(16), u32(1), format, u32(48), section])
}

function u32(...numbers) {
  const bytes = Buffer.alloc(4 * numbers.length)
  for (const [i, number] of numbers.entries()) bytes.writeUInt32LE(number, 4 * i)
  return bytes
}

// SHA-256 in counter mode: bytes that do not compress, so that a transfer of them is a real one.
function payload() {
  const blocks = []
  for (let i = 0; i < payloadBytes / 32; i++) blocks.push(createHash('sha256').update(`exroll ${kb} ${i}`).digest())
  return Buffer.concat(blocks)
}

// {000C1086-0000-0000-C000-000000000046}, the class of a Windows Installer patch, in the file's byte order.
const container = cfb.utils.cfb_new({ CLSID: '86100c0000000000c000000000000046' })
cfb.utils.cfb_add(container, '\u0005SummaryInformation', summaryInformation())
cfb.utils.cfb_add(container, 'payload', payload())
const bytes = cfb.write(container, { type: 'buffer' })
const target = join(process.argv[2] ?? join(root, 'updates'), fileName)
writeFileSync(target, bytes)
process.stdout.write(`${createHash('sha256').update(bytes).digest('hex')}  ${target}\n`)
