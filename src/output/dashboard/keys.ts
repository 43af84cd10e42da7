import { type Binding, bindings, type Context, type KeyFacts } from './bindings.js'
import type { View } from './view.js'

export function contextOf({ typing, question, pane }: View): Context {
  if (typing !== null) return 'typing'
  return question === null ? pane : 'question'
}

/** What a key means here and now; null: nothing. */
export function bindingFor(key: string, context: Context, facts: KeyFacts): Binding | null {
  const binding = bindings.find(({ keys, contexts }) => contexts.includes(context) && keys.includes(key))
  return binding === undefined || binding.enabled?.(facts) === false ? null : binding
}

/** A key as people write it. */
export function keyLabel(key: string): string {
  const names: Record<string, string> = {
    escape: 'esc',
    pageup: 'PgUp',
    pagedown: 'PgDn',
    home: 'Home',
    end: 'End',
    up: 'Up',
    down: 'Down',
    left: 'Left',
    right: 'Right',
    'ctrl+c': 'Ctrl-C',
    'ctrl+b': 'Ctrl-B',
    'ctrl+f': 'Ctrl-F',
  }
  return names[key] ?? key
}

/** The key table of the manual, in Markdown; README.md holds it, and a test holds README.md to it. */
export function keyTable(): string {
  const rows = bindings.map(
    ({ keys, contexts, help }) =>
      `| ${keys.map(key => `\`${keyLabel(key)}\``).join(' ')} | ${contexts.length >= 4 ? 'anywhere' : contexts.join(', ')} | ${help} |`,
  )
  return ['| key | where | does |', '|---|---|---|', ...rows].join('\n')
}
