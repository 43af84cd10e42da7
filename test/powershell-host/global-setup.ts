import { build } from './build.mjs'

/** Vitest global set-up: the host is built once, before any test asks for it. */
export function setup(): void {
  build()
}
