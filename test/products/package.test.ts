import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import cfb from 'cfb'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { ToolError, UsageError } from '../../src/errors.js'
import { readPackage } from '../../src/products/package.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const name = 'Exchange2007-KB952580-x64-EN.msp'
const shipped = readFileSync(join(root, 'updates', name))
const summaryName = '\u0005SummaryInformation'

/** The shipped package with bytes of its summary stream replaced: same length, so every offset in it holds. */
function withSummary(change: (summary: Buffer) => void, rootClass?: string): Buffer {
  const file = cfb.read(shipped, { type: 'buffer' })
  const entry = file.FileIndex.find(each => each.name === summaryName)
  if (entry === undefined) throw new Error('the shipped package has no summary information')
  const summary = Buffer.from(entry.content)
  change(summary)
  entry.content = summary
  if (rootClass !== undefined && file.FileIndex[0] !== undefined) file.FileIndex[0].clsid = rootClass
  return cfb.write(file, { type: 'buffer' }) as Buffer
}

function replaced(from: string, to: string): Buffer {
  return withSummary(summary => {
    const at = summary.indexOf(from, 0, 'latin1')
    if (at === -1) throw new Error(`${from} is not in the summary`)
    summary.write(to.padEnd(from.length, '\0'), at, 'latin1')
  })
}

function refusal(file: string, bytes: Uint8Array): UsageError {
  try {
    readPackage(file, bytes)
  } catch (error) {
    if (error instanceof UsageError) return error
    throw error
  }
  throw new Error(`${file} was read`)
}

describe('readPackage', () => {
  it('tells everything the shipped package says of itself', () => {
    expect(readPackage(name, shipped)).toEqual({
      name,
      bytes: shipped.length,
      sha256: createHash('sha256').update(shipped).digest('hex'),
      patchCode: '{E2007081-0004-4A57-8A57-000000952580}',
      obsoletes: [
        '{E2007081-0001-4A57-8A57-000000945684}',
        '{E2007081-0002-4A57-8A57-000000948016}',
        '{E2007081-0003-4A57-8A57-000000949870}',
      ],
      productCodes: ['{24B2C164-DE66-44FE-B468-A46D9D5E6B31}'],
      displayName: 'Update Rollup 4 for Exchange Server 2007 Service Pack 1 (KB952580) 8.1.311.3',
      kb: 'KB952580',
      build: '8.1.311.3',
      architecture: 'x64',
    })
  })

  it('reads a view into a larger buffer by the view, not by the buffer', () => {
    const larger = Buffer.concat([Buffer.alloc(7, 1), shipped, Buffer.alloc(9, 2)])
    expect(readPackage(name, larger.subarray(7, 7 + shipped.length))).toEqual(readPackage(name, shipped))
  })

  it.each([
    ['Exchange2007-KB952580-x86-EN.msp', 'x86'],
    ['exchange2007-kb952580-X64-en.MSP', 'x64'],
    ['rollup4.msp', null],
  ])('takes the architecture of %s from its name: %s', (file, architecture) => {
    expect(readPackage(file, shipped).architecture).toBe(architecture)
  })

  it('takes the KB from the file name where the display name has none, and the build from the table', () => {
    const bytes = replaced('(KB952580) 8.1.311.3', '')
    expect(readPackage(name, bytes)).toMatchObject({ kb: 'KB952580', build: '8.1.311.3' })
    expect(readPackage('rollup4.msp', bytes)).toMatchObject({ kb: null, build: null })
  })

  it('gives no build for a KB that belongs to another product', () => {
    const bytes = replaced('(KB952580) 8.1.311.3', '(KB3184728)')
    expect(readPackage('Exchange2007-KB3184728-x64-EN.msp', bytes)).toMatchObject({ kb: 'KB3184728', build: null })
  })

  it('decodes text by the codepage the file names', () => {
    const bytes = withSummary(summary => {
      // Codepage 1251 and the word "Rollup" in it.
      summary.writeUInt16LE(1251, summary.indexOf(Buffer.from([2, 0, 0, 0, 0xe4, 4])) + 4)
      Buffer.from([0xcf, 0xe0, 0xea, 0xe5, 0xf2, 0x20]).copy(
        summary,
        summary.indexOf('Rollup 4 for Exchange Server 2007 Service Pack 1 (KB'),
      )
    })
    expect(readPackage(name, bytes).displayName).toContain('Update Пакет  4')
  })

  it.each([
    ['an empty file', Buffer.alloc(0), 'empty'],
    ['a Windows program', Buffer.from('MZ\x90\0 and so on'), 'self-elevating .exe'],
    ['a zip file', Buffer.from('PK\x03\x04 and so on'), 'Unpack'],
    ['a cabinet', Buffer.from('MSCF and so on'), 'Unpack'],
    ['a web page', Buffer.from('<!DOCTYPE html><html>sign in</html>'), 'web page'],
    ['some text', Buffer.from('Exchange update'), '.msp'],
    ['the mere signature', shipped.subarray(0, 8), 'cut'],
    ['a cut download', shipped.subarray(0, 100_000), 'cut'],
    ['a download cut inside its header', shipped.subarray(0, 300), 'cut'],
  ])('refuses %s with PACKAGE_INVALID and a hint that fits', (_, bytes, hint) => {
    const error = refusal(name, bytes)
    expect(error.code).toBe('PACKAGE_INVALID')
    expect(error.exitCode).toBe(3)
    expect(error.message).toContain(name)
    expect(error.hint).toContain(hint)
  })

  it('refuses an installation package', () => {
    const bytes = withSummary(() => {}, '84100c0000000000c000000000000046')
    expect(refusal('exchangeserver.msi', bytes).message).toContain('(.msi)')
  })

  it('refuses a patch without a patch code, and one for no product', () => {
    expect(refusal(name, replaced('{E2007081-0004', '{E2007081_0004')).message).toContain('patch code')
    expect(refusal(name, replaced('{24B2C164', '(24B2C164')).message).toContain('no product')
  })

  it('refuses an allocation table that leads in a circle instead of following it for ever', () => {
    const bytes = Buffer.from(shipped)
    const table = 512 * (bytes.readUInt32LE(76) + 1)
    // The 20th sector of the payload points back at the 10th, and the directory sends the payload into the circle.
    const file = cfb.read(shipped, { type: 'buffer' })
    const start = file.FileIndex.find(each => each.name === 'payload')?.start ?? 0
    bytes.writeUInt32LE(start + 10, table + 4 * (start + 20))
    expect(refusal(name, bytes).message).toContain('never ends')
  })

  it('answers damaged bytes with a package or PACKAGE_INVALID, nothing else', () => {
    const damage = fc.array(fc.record({ at: fc.nat(4096 * 2), value: fc.nat(255) }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(damage, fc.boolean(), (changes, fromEnd) => {
        const bytes = Buffer.from(shipped)
        for (const { at, value } of changes) bytes[fromEnd ? bytes.length - 1 - at : at] = value
        try {
          readPackage(name, bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(ToolError)
          expect((error as ToolError).code).toBe('PACKAGE_INVALID')
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('the package in updates/', () => {
  const folder = mkdtempSync(join(tmpdir(), 'exroll-update-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('is what scripts/make-update.mjs makes, byte for byte', () => {
    execFileSync(process.execPath, [join(root, 'scripts', 'make-update.mjs'), folder])
    expect(readFileSync(join(folder, name)).equals(shipped)).toBe(true)
  })

  it('is big enough for a transfer that is worth something', () => {
    expect(shipped.length).toBeGreaterThan(200 * 1024)
  })
})
