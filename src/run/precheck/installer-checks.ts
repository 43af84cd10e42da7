import { describeKb } from '../../products/builds.js'
import type { Block, Check } from './block.js'

/** Article, Return Value 3 case 3: a registered .msp or .msi is gone from the Installer folder. */
export const missingCache: Check = ({ readiness }) =>
  readiness.missingCache.map((missing): Block => {
    const kb = missing.packageName?.match(/KB\d+/i)?.[0] ?? missing.displayName?.match(/KB\d+/i)?.[0] ?? null
    const what = missing.packageName ?? missing.displayName ?? missing.code
    const named = kb === null ? what : `${what}, ${describeKb(kb)}`
    const kind = missing.kind === 'patch' ? 'missing-cached-patch' : 'missing-cached-package'
    return {
      block: kind,
      message: `${missing.path} is missing: the cached file of ${missing.code} (${named})`,
      remedy: `Get ${missing.packageName ?? what}, check that its code is ${missing.code}, and copy it to ${missing.path}. Where that file is at hand repair-cache can cure it; this version does not carry that action out, so copy it yourself. Never copy a file by its hex name from another server.`,
    }
  })

/** Article, Return Value 3 case 4: more than one independent place is damaged. */
export const corruption: Check = ({ readiness: { registration } }) =>
  !registration.productReadable && registration.danglingPatches.length > 0
    ? [
        {
          block: 'corruption',
          message: `the product registration cannot be read and ${registration.danglingPatches.length} patch registrations lead nowhere`,
          remedy: 'Rebuild the server: Windows, then Exchange setup with /recoverserver, then the rollup.',
        },
      ]
    : []

/** exchange.md section 0 fact 2: a second attempt would save the disabled state as the truth. */
export const poisonedServiceState: Check = ({ readiness, disabledByAccident }) => {
  if (readiness.leftoverState.length === 0) return []
  const disabled = Object.keys(disabledByAccident)
  return [
    {
      block: 'poisoned-service-state',
      message: `an earlier patch did not end: ${readiness.leftoverState.join(', ')} is left over${
        disabled.length === 0 ? '' : `, and disabled are ${disabled.join(', ')}`
      }`,
      remedy:
        'exroll restore --from-defaults puts the start types back and sets those files aside; it shows first and asks. Then run again.',
    },
  ]
}

/** Windows Installer copies the package, extracts it and backs up what it replaces: five times its size, at least 500 MB. */
export const diskFull: Check = ({ readiness, package: update }) => {
  const needed = Math.max(5 * update.bytes, 500 * 1024 * 1024)
  if (readiness.freeBytes >= needed) return []
  return [
    {
      block: 'disk-full',
      message: `${megabytes(readiness.freeBytes)} MB are free, ${megabytes(needed)} MB are needed`,
      remedy: 'Free space on the system drive. Do not delete anything under C:\\Windows\\Installer.',
    },
  ]
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / (1024 * 1024))
}
