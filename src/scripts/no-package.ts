import type { ScriptArguments } from './catalog.js'

/** Precheck's question without an update: a package that is nowhere. What the answer says of a package means nothing then. */
export const noPackage: ScriptArguments<'Test-ServerReadiness'> = {
  PackageName: 'none.msp',
  PackageSha256: '0'.repeat(64),
  PackageBytes: 0,
  PatchCode: '',
  ProductCodes: [],
}
