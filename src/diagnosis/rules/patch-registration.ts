import { evidenceOf, type Rule } from '../rule.js'
import { endedWith, said } from '../stated.js'

const watch = ["Couldn't find local patch ''"]
const next = ['SOURCEMGMT: Looking for sourcelist for product']

/** KB971187 (exchange.md 4.1, 6.1): `UserData\<SID>\Patches\<packed>` or its LocalPackage is missing. */
export const patchRegistration: Rule = {
  id: 'patch-registration',
  title: 'A patch is registered for the product, but its own registration is gone from the registry',
  about:
    'Each patch of a product has a key under ...\\Installer\\UserData\\S-1-5-18\\Patches with the name of its cached file. Without it the log ' +
    "says \"Couldn't find local patch ''\", with no name, and the installer ends with 1612 (KB971187).",
  kinds: ['msi'],
  watch: [...watch, ...next],
  match(view) {
    const nameless = said(view, watch)
    const [first] = nameless
    if (first === undefined || view.attempt.outcome === 'succeeded') return undefined
    const source = said(view, next).find(({ line }) => line > first.line && line < first.line + 60)
    return {
      confidence: endedWith(view, [1612, 1635]) ? 'certain' : 'likely',
      evidence: evidenceOf(...nameless.slice(0, 3), source, { lines: view.attempt.failureEvidence }),
    }
  },
  remedy: [
    'Read the patch code in the log, after "Looking for sourcelist for product".',
    'Save the registry key HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Installer first: reg export.',
    'Follow KB971187: make the key of that patch under UserData\\S-1-5-18\\Patches again, with LocalPackage naming a verified copy of its .msp.',
    'Install again.',
  ],
}
