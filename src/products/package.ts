import { createHash } from 'node:crypto'
import { UsageError } from '../errors.js'
import { findKb } from './builds.js'
import { readCompoundFile } from './compound-file.js'
import { loadGenerations } from './load.js'
import type { PackageInfo } from './model.js'
import { readSummary, summaryProperty } from './property-set.js'
import { notCompoundHint } from './wrong-file.js'

/** Storage classes of Windows Installer files ("Summary Information Stream Property Set", file formats). */
const patchClass = '{000c1086-0000-0000-c000-000000000046}'
const packageClass = '{000c1084-0000-0000-c000-000000000046}'
const guids = /\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}/gi

/**
 * Reads what an update package (.msp) says of itself, without Windows (exchange.md 4.2). `name` is the file's own name: it alone tells
 * the architecture. Throws `UsageError` PACKAGE_INVALID, with a hint on what the file seems to be, when it is no whole patch.
 */
export function readPackage(name: string, bytes: Uint8Array): PackageInfo {
  const summary = summaryOf(name, bytes)
  const text = (id: number): string => {
    const value = summary.get(id)
    return typeof value === 'string' ? value.trim() : ''
  }
  const codes = text(summaryProperty.revisionNumber).match(guids) ?? []
  const productCodes = text(summaryProperty.template).match(guids) ?? []
  const [patchCode, ...obsoletes] = codes.map(code => code.toUpperCase())
  if (patchCode === undefined || codes.join('') !== text(summaryProperty.revisionNumber)) {
    throw invalid(
      `${name}: the revision number holds no patch code`,
      'Download the package again; this one is damaged.',
    )
  }
  if (productCodes.length === 0) {
    throw invalid(`${name}: the template names no product`, 'Download the package again; this one is damaged.')
  }
  const displayName = text(summaryProperty.subject) || text(summaryProperty.title) || name
  const kb = /KB\s?(\d{5,8})/i.exec(displayName)?.[1] ?? /KB(\d{5,8})/i.exec(name)?.[1]
  const architecture = /[-_.](x64|amd64|x86)(?![a-z0-9])/i.exec(name)?.[1]?.toLowerCase()
  return {
    name,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    patchCode,
    obsoletes,
    productCodes: productCodes.map(code => code.toUpperCase()),
    displayName,
    kb: kb === undefined ? null : `KB${kb}`,
    build: buildOf(displayName, name, kb, productCodes),
    architecture: architecture === undefined ? null : architecture === 'x86' ? 'x86' : 'x64',
  }
}

function summaryOf(name: string, bytes: Uint8Array): Map<number, string | number> {
  const notCompound = notCompoundHint(bytes)
  if (notCompound !== undefined) throw invalid(`${name} is not an .msp`, notCompound)
  let file: ReturnType<typeof readCompoundFile>
  let summary: Map<number, string | number>
  try {
    file = readCompoundFile(bytes)
    const stream = file.stream('\u0005SummaryInformation')
    if (stream === undefined) throw new RangeError('no summary information')
    summary = readSummary(stream)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw invalid(
      `${name} is damaged: ${why}`,
      'Was the download cut? Compare its size and SHA-256 with the source.',
      error,
    )
  }
  if (file.rootClass === packageClass) {
    throw invalid(
      `${name} is an installation package (.msi), not a patch`,
      'Name the update rollup or security update, an .msp file.',
    )
  }
  if (file.rootClass !== patchClass) {
    throw invalid(`${name} is an OLE file of class ${file.rootClass}, not a patch`, 'Name an .msp file.')
  }
  return summary
}

/**
 * Rollups end their name with the build they bring. A security update's name does not, and its KB stands for a build of each
 * cumulative update: the table answers only where it has exactly one for this product.
 */
function buildOf(displayName: string, name: string, kb: string | undefined, productCodes: string[]): string | null {
  const said = /(\d+\.\d+\.\d+\.\d+)\s*$/.exec(displayName)?.[1]
  if (said !== undefined) return said
  if (kb === undefined) return null
  const year = /Exchange(?: ?Server)?[ -]?(20\d\d|SE\b)/i.exec(`${displayName} ${name}`)?.[1]?.toUpperCase()
  const upper = productCodes.map(code => code.toUpperCase())
  const possible = loadGenerations()
    .filter(({ productCode }) => upper.includes(productCode))
    .map(({ generation }): string => generation)
  const rows = findKb(kb).filter(
    row => possible.includes(row.generation) && (year === undefined || row.generation === year),
  )
  return rows.length === 1 ? (rows[0]?.build ?? null) : null
}

function invalid(message: string, hint: string, cause?: unknown): UsageError {
  return new UsageError(message, { code: 'PACKAGE_INVALID', hint, cause })
}
