/** A token, ticket cache or keytab of Kerberos that is not as its format says, or of a kind that is not read here. */
export class KerberosError extends Error {
  override readonly name = 'KerberosError'
}
