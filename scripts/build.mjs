// The build: src/ into as few files of dist/ as the verbs allow, because loading a module costs more than running it. What only one verb needs stays
// out of the way of the others (an `import()` begins a file). Packages stay in node_modules, but for commander, which every command loads: it
// goes in, with its licence beside it. Types are the compiler's work: npm run typecheck.
import { copyFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const inside = 'commander'

await build({
  cwd: root,
  input: {
    cli: 'src/cli.ts',
    // What scripts/ and bench/ take out of the build beside the program.
    'json-schemas': 'src/commands/json-schemas.ts',
    'show-dashboard': 'src/output/dashboard/show-dashboard.ts',
    'parse-inventory': 'src/inventory/parse.ts',
    secrets: 'src/secrets/secrets.ts',
    'transport-for': 'src/transport/transport-for.ts',
  },
  platform: 'node',
  external: id => id !== inside && !id.startsWith('.') && !isAbsolute(id),
  tsconfig: join(root, 'tsconfig.json'),
  output: {
    dir: 'dist',
    format: 'esm',
    cleanDir: true,
    // All in dist itself: src/package-file.ts counts on it.
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    sourcemap: true,
    // What every command begins with, and what a diagnosis takes: a file each.
    codeSplitting: {
      groups: [
        {
          name: 'start',
          test: /src[\\/](?:errors|package-file|commands[\\/]program|input[\\/]near|output[\\/]terminal-text)\.ts$/,
        },
        {
          name: 'diagnosis',
          test: /src[\\/](?:diagnosis[\\/](?!json-schema)|commands[\\/](?:diagnose|log-files|log-source)\.ts|products[\\/]packed-guid)/,
        },
      ],
    },
  },
})
copyFileSync(join(root, 'node_modules', inside, 'LICENSE'), join(root, 'dist', `${inside}.LICENSE`))
