/** Counts what was changed on one server since it was made; a dry run has to leave it at 0 (product.md, "Lab state"). */
export class ChangeCounter {
  #writes = 0
  #counting = false

  /** From here on: what is done while the server is made up is no change. */
  begin(): void {
    this.#counting = true
    this.#writes = 0
  }

  note(): void {
    if (this.#counting) this.#writes += 1
  }

  get writes(): number {
    return this.#writes
  }
}
