import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'

const required = '[REQUIRED]'

/** ExchangeSetup.log, lines marked [REQUIRED] (msi-log-format.md): Setup's own checks, in plain words. */
export const prerequisite: Rule = {
  id: 'prerequisite',
  title: "Setup's own check refuses: something is missing on the server",
  about:
    'Before it changes anything Setup checks the server, and writes what is missing as [REQUIRED]: a Windows feature, .NET, UCMA, a ' +
    'Visual C++ runtime, URL Rewrite, a service.',
  kinds: ['exchange-setup'],
  watch: [required],
  match(view) {
    const found = view.said(required)
    const [first] = found
    if (first === undefined || view.found.length > 0 || view.attempt.outcome !== 'failed') return undefined
    return { confidence: 'certain', evidence: evidenceOf(...found.slice(0, 4)), ...told(first.tail, view) }
  },
  remedy: ['Do what each [REQUIRED] line asks for.', 'Run Setup again.'],
}

function told(tail: string, { attempt }: AttemptView): Pick<RuleMatch, 'title'> {
  const words = /\[REQUIRED\] *(.{8,220}?)(?:\.(?: |$)|$)/.exec(tail)?.[1]
  return words === undefined || attempt.kind !== 'exchange-setup' ? {} : { title: `Setup refuses: ${words}` }
}
