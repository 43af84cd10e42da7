import { fileURLToPath } from 'node:url'

/** `src/` and `dist/` lie in the package's root, and the build puts no file of `dist/` any deeper (scripts/build.mjs). */
const root = new URL('../', import.meta.url)

/** Where a file or folder that ships with exroll is on this machine, by its path in the package: `ps-scripts/ExRoll`. */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(path, root))
}
