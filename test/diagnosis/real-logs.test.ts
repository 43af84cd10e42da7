import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.js'
import { knowledge } from '../../src/products/knowledge.js'
import { attemptOf } from './log-bytes.js'

/** Real logs with the truth about each, read by hand. They are not part of the project. */
const folder = '/work/shared/msi-logs'
const manifest = join(folder, 'manifest.json')

interface Entry {
  file: string
  lines: number
  bytes: number
  kind: string
  truth: {
    failed: boolean
    first_failure_lines: number[]
    error_code: string | number
    root_cause: string
    red_herrings: { lines: number[] }[]
  }
}

/** The truth's root cause in words of ours. */
const causes: Record<string, string> = {
  'installation source of an old package not available': 'missing-cached-package',
  'temporary file MSI3D2F.tmp in the Installer folder could not be read': 'temp-file',
  'Active Directory Topology service not started': 'services-not-started',
  'no access to the FIPS data folder': 'access-denied',
  'Windows Firewall service not running (no more endpoints)': 'services-not-started',
  'setup was started from the installed Bin folder; its script is gone': 'setup-from-bin',
  'folder UnifiedMessaging\\grammars missing': 'missing-folder',
  'arbitration mailbox without a database': 'active-directory',
  'Folder Hierarchies object already exists': 'active-directory',
  'more than one ActiveSync virtual directory': 'virtual-directory',
  'search admin node did not start in time': 'search-foundation',
  'service disabled, could not be started': 'services-disabled',
  'OWA (Exchange Back End) virtual directory missing in Active Directory': 'virtual-directory',
  'helper process (IIS) failed with exit code 50': 'virtual-directory',
  'schema import refused': 'active-directory',
  'domain controller in another site': 'active-directory',
  'Active Directory not prepared; reboot pending': 'active-directory',
  'PrepareDomain needed': 'active-directory',
  'account without the needed rights': 'permissions',
  'reboot pending': 'reboot-pending',
}

const entries = existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as { files: Entry[] }).files : []

describe.skipIf(entries.length === 0)('real logs (skipped where ../shared/msi-logs is missing)', () => {
  it.each(entries.map(entry => [entry.file, entry] as const))('%s: the truth is met', (name, { truth, ...entry }) => {
    const [file] = diagnose([{ path: name, bytes: readFileSync(join(folder, name)) }], { knowledge, context: {} }).files
    if (file === undefined) throw new Error('no file')
    expect({ kind: file.kind, bytes: file.bytes, lines: file.lines }).toEqual({
      kind: entry.kind,
      bytes: entry.bytes,
      lines: entry.lines,
    })
    const attempt = attemptOf(file)
    expect(attempt.outcome).toBe(truth.failed ? 'failed' : 'succeeded')
    expect(truth.first_failure_lines).toContain(attempt.firstFailure?.line)
    expect(attempt.causes[0]?.id).toBe(causes[truth.root_cause] ?? 'unknown')
    const code = /^(?:exit code )?(\d+)$/.exec(String(truth.error_code))?.[1]
    if (code !== undefined) expect(attempt.exitCode).toBe(Number(code))
    const proof = attempt.causes.flatMap(({ evidence }) => evidence.map(({ line }) => line))
    for (const { lines } of truth.red_herrings) for (const line of lines) expect(proof).not.toContain(line)
  })

  it('without a cause in them say so, and which file has it', () => {
    const name = '03-css-msi-3.log'
    const [file] = diagnose([{ path: name, bytes: readFileSync(join(folder, name)) }], { knowledge, context: {} }).files
    expect(file?.attempts[0]?.causes).toMatchObject([
      { id: 'unknown', remedy: expect.arrayContaining([expect.stringContaining('.msilog')]) },
    ])
  })
})
