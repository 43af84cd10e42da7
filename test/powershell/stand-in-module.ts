import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Puts a module with these functions into `folder`, where PowerShell finds it as it finds any other: by its name in PSModulePath. */
export function standInModule(folder: string, name: string, text: string): void {
  const module = join(folder, name)
  mkdirSync(module, { recursive: true })
  writeFileSync(join(module, `${name}.psm1`), text)
  const names = [...text.matchAll(/^function ([\w-]+)/gm)].map(([, found]) => `'${found}'`)
  const manifest = `@{ ModuleVersion = '1.0'; RootModule = '${name}.psm1'; FunctionsToExport = @(${names.join(', ')}) }`
  writeFileSync(join(module, `${name}.psd1`), manifest)
}
