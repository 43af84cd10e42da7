import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { said, stated } from '../stated.js'

const result = 'returned actual error code'
const output = 'Error 0x'
/** Messages of Windows Installer about a script, a program or a library of the package. */
const messages = ['Error 1720.', 'Error 1721.', 'Error 1722.', 'Error 1723.']
/** Internal errors 2738 and 2739: the engine of the script itself (win32, windows-installer-error-messages). */
const engines = { VBScript: 'The error code is 2738.', JScript: 'The error code is 2739.' }

/** msi-log-format.md, "Line kinds": the result line of a custom action decides, not what it printed. */
export const customAction: Rule = {
  id: 'custom-action',
  title: "A custom action of the package failed: the package's own code, not Windows Installer",
  about:
    'The log says "CustomAction NAME returned actual error code N". With "will be translated to success due to continue marking" it is ' +
    'no failure at all. What the action printed stands above the line, without a prefix.',
  kinds: ['msi'],
  watch: [result, output, ...messages, ...Object.values(engines)],
  match(view) {
    const { attempt, found } = view
    if (attempt.outcome !== 'failed' || found.length > 0 || attempt.firstFailure === undefined) return undefined
    return withoutEngine(view) ?? failedAction(view, attempt.firstFailure.line) ?? told(view)
  },
  remedy: [
    'Read what the action printed, above the lines shown.',
    'If it runs a script or a program of Exchange, read its own log in C:\\ExchangeSetupLogs of the same time.',
    'Install again from an elevated prompt, with the antivirus excluded from C:\\Windows\\Installer and the Temp folders.',
  ],
}

function withoutEngine(view: AttemptView): RuleMatch | undefined {
  for (const [name, words] of Object.entries(engines)) {
    const match = stated(view, [words])
    if (match === undefined) continue
    return {
      ...match,
      confidence: 'likely',
      title: `The package needs ${name} for a custom action, and ${name} does not work here`,
      remedy: [
        `Register it again, from an elevated prompt: regsvr32 ${name.toLowerCase()}.dll in C:\\Windows\\System32 and in C:\\Windows\\SysWOW64.`,
        'On Windows Server 2025 and later VBScript is a feature that can be taken off: DISM /Online /Add-Capability /CapabilityName:VBSCRIPT~~~~',
        'Install again.',
      ],
    }
  }
  return undefined
}

function failedAction(view: AttemptView, failureLine: number): RuleMatch | undefined {
  const results = said(view, [result]).filter(
    ({ text, line }) => !text.includes('translated to success') && line <= failureLine,
  )
  const last = results.findLast(({ line }) => failureLine - line <= 40)
  const [, name, code] = /CustomAction (\S+) returned actual error code (-?\d+)/.exec(last?.text ?? '') ?? []
  if (last === undefined || name === undefined || code === undefined) return undefined
  const printed = said(view, [output]).filter(({ line }) => line <= last.line && last.line - line <= 60)
  return {
    confidence: printed.length > 0 ? 'likely' : 'possible',
    title: `The custom action ${name} failed with code ${code}`,
    evidence: evidenceOf(...printed.slice(0, 2), last, { lines: view.attempt.failureEvidence }),
  }
}

function told(view: AttemptView): RuleMatch | undefined {
  const match = stated(view, messages)
  const action = view.attempt.firstFailure?.action
  if (match === undefined || action === undefined) return undefined
  return { ...match, confidence: 'likely', title: `The package's own program failed in ${action}` }
}
