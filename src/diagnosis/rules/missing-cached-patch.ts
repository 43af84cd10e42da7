import { packGuid } from '../../products/packed-guid.js'
import { chain, evidenceOfPatches, type MissingPatch, missingPatches } from '../missing-patches.js'
import { type AttemptView, evidenceOf, type Knowledge, type Rule } from '../rule.js'

/** Article, "Return Value 3", case 3; the chain of exchange.md 4.4. */
export const missingCachedPatch: Rule = {
  id: 'missing-cached-patch',
  title: 'The cached file of an earlier rollup is missing from the Installer folder',
  about:
    'Windows Installer keeps a copy of every installed patch under a random name in C:\\Windows\\Installer, and needs all of them to ' +
    'build the files of the next one. The log says "Couldn\'t find local patch", the patch code after "Looking for sourcelist for ' +
    'product", the name of its package after "Note: 1: 1706", and that no copy could be made of it.',
  kinds: ['msi'],
  watch: Object.values(chain),
  match(view) {
    if (view.attempt.outcome === 'succeeded') return undefined
    const patches = missingPatches(view).filter(({ notFound, sought }) => notFound || sought)
    if (patches.length === 0) return undefined
    const complete = patches.every(({ code, packageName }) => code !== undefined && packageName !== undefined)
    return {
      confidence: patches.every(({ sought }) => sought)
        ? 'possible'
        : complete && view.attempt.outcome === 'failed'
          ? 'certain'
          : 'likely',
      title: titleOf(patches, view.knowledge),
      evidence: evidenceOf({ lines: evidenceOfPatches(patches) }, { lines: view.attempt.failureEvidence }),
      remedy: remedyOf(patches, view),
    }
  },
  remedy: [
    'Find the name of the missing file, its patch code and its package in the log.',
    'Copy that package to the missing name in C:\\Windows\\Installer. Never copy a file by its hex name from another server: the names differ from server to server.',
    'Install again.',
  ],
}

function titleOf(patches: readonly MissingPatch[], knowledge: Knowledge): string {
  const [first] = patches
  if (first === undefined || patches.length > 1) {
    return `${patches.length} cached patches are missing: ${patches.map(({ path }) => path).join(', ')}`
  }
  return `${first.path} is missing: the cached copy of ${nameOf(first, knowledge)}`
}

/** `KB935490 (Exchange 2007 RTM RU2)`: by the build tables; the article calls this one "SP1 RU2". */
function nameOf({ packageName, code }: MissingPatch, knowledge: Knowledge): string {
  const kb = kbOf(packageName) ?? (code === undefined ? undefined : knowledge.kbOfPatch?.(code))
  if (kb === undefined) return packageName ?? `the patch ${code ?? 'without a code'}`
  const release = knowledge.describeKb(kb)?.release
  return release === undefined ? kb : `${kb} (${release})`
}

function kbOf(packageName: string | undefined): string | undefined {
  const digits = /KB(\d{5,8})/i.exec(packageName ?? '')?.[1]
  return digits === undefined ? undefined : `KB${digits}`
}

function remedyOf(patches: readonly MissingPatch[], { knowledge }: AttemptView): string[] {
  return [
    ...patches.flatMap(patch => cureOf(patch, knowledge)),
    'Never copy a file by its hex name from the Installer folder of another server: the names differ from server to server.',
    'Install the update again. exroll facts shows beforehand whether more cached files are missing.',
  ]
}

function cureOf(patch: MissingPatch, knowledge: Knowledge): string[] {
  const { path, code, packageName } = patch
  const file = packageName ?? 'PACKAGE.msp'
  const check =
    code === undefined
      ? 'Check that it is the package of that patch'
      : `Check that its patch code (Properties, Details, Revision number) is ${code}; in the registry it is ${packGuid(code)}`
  return [
    `Get ${packageName ?? 'the package'}, ${nameOf(patch, knowledge)}: from where it was downloaded, or from the package store.`,
    `${check}.`,
    `Copy it under exactly that name: copy "${file}" "${path}"`,
  ]
}
