import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

export interface TestCounts {
  numFailedTests: number
  numPassedTests: number
}

/**
 * Runs a vitest of its own, over any test file whichever set the calling run is of, and returns what its tests came to. Throws with what it printed
 * when it left no results or no test ran: a run of nothing notices nothing.
 */
export async function vitestResults(words: string[], env: Record<string, string>): Promise<TestCounts> {
  const folder = mkdtempSync(join(tmpdir(), 'exroll-mutant-'))
  const file = join(folder, 'results.json')
  try {
    const own = [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=json', `--outputFile=${file}`]
    const child = spawn(process.execPath, [...own, ...words], {
      cwd: root,
      env: { ...process.env, EXROLL_TESTS: 'full', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', text => {
        said += text
      })
    }
    await new Promise(resolve => child.on('close', resolve))
    const counts = countsIn(file)
    if (counts === undefined || counts.numFailedTests + counts.numPassedTests === 0)
      throw new Error(`no test ran:\n${said}`)
    return counts
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function countsIn(file: string): TestCounts | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
