/** What a shell needs to know of one command: plain data, so that each shell's script is made by a pure function. */
export interface CompletionCommand {
  /** Words after `exroll`: `['inventory', 'check']`; empty for exroll itself. */
  path: string[]
  description: string
  subcommands: { name: string; description: string }[]
  options: CompletionOption[]
  /** Words its argument may be; empty where it is a file or free text. */
  argumentChoices: string[]
  /** It takes files as arguments. */
  takesFiles: boolean
}

export interface CompletionOption {
  /** `--inventory`, `-i`: every way to write it. */
  flags: string[]
  description: string
  /** What follows it: nothing, one of some words, a path, or free text. */
  value: { kind: 'none' } | { kind: 'choices'; choices: string[] } | { kind: 'path' } | { kind: 'text' }
}

export const completionShells = ['bash', 'zsh', 'fish', 'powershell'] as const
export type CompletionShell = (typeof completionShells)[number]
