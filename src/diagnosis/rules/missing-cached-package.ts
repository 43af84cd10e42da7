import { missingPackage } from '../missing-patches.js'
import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { endedWith, proof, said } from '../stated.js'

const resolved = 'SOURCEMGMT: Resolved source to:'
const noSource = [
  'Note: 1: 1706',
  'Error 1706.',
  'The installation source for this product is not available',
  'System Error 1612.',
  'MainEngineThread is returning 1612',
]
/** Setup's own fault when Windows Installer cannot read what it has cached of the product (exchange.md 6.3). */
const noObject = 'Object reference not set to an instance of an object'
const newProduct = 'Installing a new product. Package:'
const inSetup = ["Couldn't remove product with code", 'Unable to remove product with code', 'Installing product']

/** Article, "Return Value 3", case 3, for the .msi; exchange.md 4.4 and 6.3. */
export const missingCachedPackage: Rule = {
  id: 'missing-cached-package',
  title: 'The cached .msi of an installed product is missing from the Installer folder',
  about:
    'Windows Installer keeps the .msi of every product in C:\\Windows\\Installer. When it is gone, it asks for the medium the product ' +
    'was installed from, and ends with 1612 if that is gone too. The log says "Warning: Local cached package ... is missing".',
  kinds: ['msi', 'exchange-setup'],
  watch: [missingPackage, resolved, ...noSource, ...inSetup, noObject, newProduct],
  match: view =>
    view.attempt.kind === 'exchange-setup' ? (toldBySetup(view) ?? setupStumbled(view)) : toldByInstaller(view),
  remedy: [
    'Find the product and its version by the code in the line: Programs and Features, or HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall.',
    "Take the .msi of exactly that version from its medium and copy it to the product's LocalPackage name in C:\\Windows\\Installer. Its Revision number (Properties, Details) has to be the product's package code.",
    'Never copy a file by its hex name from another server: the names differ from server to server.',
    'Install again.',
  ],
}

function toldByInstaller(view: AttemptView): RuleMatch | undefined {
  if (view.attempt.outcome === 'succeeded') return undefined
  const warnings = said(view, [missingPackage])
  const [first] = warnings
  if (first === undefined) return olderVersion(view)
  const path = /cached package '([^']+)' is missing/.exec(first.text)?.[1]
  const why = said(view, noSource).filter(({ line }) => line > first.line)
  const replaced = said(view, [resolved]).some(({ line, text }) => line > first.line && /\\'?$|\\' /.test(text))
  const fatal = why.length > 0 && !replaced && !view.found.some(({ id }) => id === 'missing-cached-patch')
  return {
    confidence: fatal ? (endedWith(view, [1603, 1612]) ? 'certain' : 'likely') : 'possible',
    ...(path === undefined ? {} : { title: titleOf(path, replaced), remedy: remedyOf(path, view) }),
    evidence: evidenceOf(...warnings, ...why.slice(0, 2), { lines: view.attempt.failureEvidence }),
  }
}

/** Error 1714 of an upgrade, with 1612 behind it: what removes the older version is neither cached nor at its source. */
function olderVersion(view: AttemptView): RuleMatch | undefined {
  const [told] = said(view, ['System Error 1612.'])
  if (told === undefined) return undefined
  const name = /older version of (.{1,80}?) cannot be removed/.exec(told.text)?.[1]
  return {
    confidence: 'likely',
    title: `The cached .msi of the older version${name === undefined ? '' : ` of ${name}`} is missing, so it cannot be removed`,
    evidence: evidenceOf(told, { lines: view.attempt.failureEvidence }),
  }
}

function titleOf(path: string, replaced: boolean): string {
  return replaced
    ? `${path}, the cached .msi, is missing; the installer went on from the original medium`
    : `${path} is missing: the cached .msi of the product`
}

function remedyOf(path: string, { attempt: { version, product }, knowledge }: AttemptView): string[] {
  const installed = version === undefined ? undefined : (knowledge.describeBuild?.(version) ?? version)
  const file = /exchange/i.test(product ?? 'Exchange') ? 'EXCHANGESERVER.msi' : 'PACKAGE.msi'
  return [
    `Take the .msi of exactly the installed version from its medium: ${
      installed === undefined
        ? `for Exchange, ${file} of the installed service pack or cumulative update`
        : `${file} of ${installed}`
    }.`,
    `Copy it under exactly that name: copy ${file} "${path}"`,
    'Never copy a file by its hex name from another server: the names differ from server to server.',
    'Install again.',
  ]
}

/** Setup tells the product and 1612 only; a removal needs the source just when the cached .msi is gone. */
function toldBySetup(view: AttemptView): RuleMatch | undefined {
  const told = said(view, inSetup).filter(({ text }) =>
    /installation source.*not available|Error code is 1612|valid copy of the installation package|package .* cannot be found/i.test(
      text,
    ),
  )
  if (told.length === 0 || view.attempt.outcome === 'succeeded') return undefined
  const code = /product with code \{?([0-9A-Fa-f-]{36})/.exec(told[0]?.text ?? '')?.[1]
  return {
    confidence: 'likely',
    evidence: proof(view, told),
    ...(code === undefined
      ? {}
      : {
          title: `The cached .msi of the product {${code.toUpperCase()}} is missing, and so is the medium it came from`,
        }),
  }
}

/** An error without words right after Setup has handed a package to the installer. */
function setupStumbled(view: AttemptView): RuleMatch | undefined {
  const [failed] = said(view, [noObject])
  if (failed === undefined || view.attempt.outcome === 'succeeded') return undefined
  const handed = view.said(newProduct).findLast(({ line }) => line < failed.line)
  if (handed === undefined || failed.line - handed.line > 3) return undefined
  const name = /Package: (.+?\.msi)/i.exec(handed.text)?.[1]
  return {
    confidence: 'likely',
    title: `Setup failed while it installed ${name ?? 'a package'}: cached files of what is installed are most likely missing`,
    evidence: evidenceOf(handed, failed),
  }
}
