import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { said, stated } from '../stated.js'

const watch = ['Cannot find path', 'Could not find a part of the path', 'Error opening installation log file']

/** exchange.md 6.3; Windows Installer 1622. */
export const missingFolder: Rule = {
  id: 'missing-folder',
  title: 'A folder that the installation needs is not there',
  about:
    'Somebody removed or moved a folder of Exchange, or the folder for the log was never made (1622). The line names the path.',
  kinds: ['exchange-setup', 'msi', 'update-cas', 'unknown'],
  watch,
  match(view) {
    const match = stated(view, watch, [1622])
    const path = pathIn(view)
    return match === undefined || path === undefined ? match : { ...match, ...named(path, view) }
  },
  remedy: ['Make the folder that the line names, with the rights of its parent.', 'Run the installation again.'],
}

function pathIn(view: AttemptView): string | undefined {
  return said(view, watch).map(({ text }) => /path '([^']+)'/.exec(text)?.[1])[0]
}

function named(path: string, view: AttemptView): Pick<RuleMatch, 'title' | 'remedy' | 'evidence'> {
  return {
    title: `The folder ${path} is missing`,
    remedy: [
      `Make it: mkdir "${path}". Copy its content from another server of the same version, if there is one.`,
      'Run the installation again.',
    ],
    evidence: evidenceOf(...said(view, watch).slice(0, 2), { lines: view.attempt.failureEvidence }),
  }
}
