import { loadKerberos } from '../transport/winrm/auth/kerberos-module.js'
import { KerberosError } from '../transport/winrm/kerberos/kerberos-error.js'
import { type CacheOwner, openTicketCache } from '../transport/winrm/kerberos/ticket-cache.js'
import type { Way } from './hop.js'

/**
 * What `winrm auth: kerberos` needs here: the package, and tickets whose keys can be read, to seal and to bind with. Windows keeps its
 * tickets to itself, and seals.
 */
export async function lookAtKerberos(
  way: Way,
  owner: CacheOwner,
  load: () => Promise<unknown> = loadKerberos,
): Promise<void> {
  await way.look('kerberos', async () => {
    const there = await load().then(
      () => true,
      () => false,
    )
    if (!there) return { found: 'no kerberos package: only winrm auth kerberos needs it', value: undefined }
    const found = 'the kerberos package is installed'
    if (process.platform === 'win32') return { found, value: undefined }
    try {
      const { path } = await openTicketCache(owner)
      return { found: `${found}; tickets are in ${path}`, value: undefined }
    } catch (error) {
      if (!(error instanceof KerberosError)) throw error
      const fix =
        'Get tickets into a file: export KRB5CCNAME=FILE:/tmp/exroll-tickets, then kinit. ' +
        'Over HTTPS any cache will do, unless CbtHardeningLevel is Strict.'
      return { found: `${found}; ${error.message}`, value: undefined, note: { code: 'KERBEROS_NO_SEALING', fix } }
    }
  })
}
