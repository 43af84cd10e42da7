/** What stops a call: it becomes the envelope's error (`Stop-Call` in ps-scripts/shared/Answer.ps1). */
export class ScriptProblem extends Error {
  readonly code: string
  readonly hint: string

  constructor(code: string, message: string, hint = '') {
    super(message)
    this.name = 'ScriptProblem'
    this.code = code
    this.hint = hint
  }
}
