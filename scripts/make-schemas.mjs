// Writes schemas/*.schema.json from the definitions that the checks use. Usage: npm run schemas (a test holds the files to them)
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { jsonSchemaText, schemaNames } from '../dist/json-schemas.js'

const folder = process.argv[2] ?? fileURLToPath(new URL('../schemas', import.meta.url))
mkdirSync(folder, { recursive: true })
for (const name of schemaNames) writeFileSync(join(folder, `${name}.schema.json`), jsonSchemaText(name))
