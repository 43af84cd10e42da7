import type { DiagnosisState, ServerState } from '../events/state.js'

/** The command that cures, for this very server: a rule knows no names and writes SERVER. */
export function fixFor({ name }: ServerState, { fix }: DiagnosisState): string | null {
  return fix?.replace(/\bSERVER\b/g, name) ?? null
}
