/** A message of NTLM that is not as MS-NLMP says. */
export class NtlmError extends Error {
  override readonly name = 'NtlmError'
}
