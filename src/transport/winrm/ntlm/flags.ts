/** NEGOTIATE flags (MS-NLMP 2.2.2.5): those that this project sends or looks at. */
export const ntlmFlags = {
  unicode: 0x00000001,
  requestTarget: 0x00000004,
  sign: 0x00000010,
  seal: 0x00000020,
  ntlm: 0x00000200,
  alwaysSign: 0x00008000,
  targetTypeServer: 0x00020000,
  extendedSessionSecurity: 0x00080000,
  targetInfo: 0x00800000,
  version: 0x02000000,
  key128: 0x20000000,
  keyExchange: 0x40000000,
  key56: 0x80000000,
} as const

/** Without these no message can be signed and sealed with 128 bits: anything less is refused. */
export const requiredFlags =
  (ntlmFlags.unicode |
    ntlmFlags.sign |
    ntlmFlags.seal |
    ntlmFlags.extendedSessionSecurity |
    ntlmFlags.key128 |
    ntlmFlags.keyExchange) >>>
  0

/** What the client asks for. */
export const clientFlags =
  (requiredFlags |
    ntlmFlags.requestTarget |
    ntlmFlags.ntlm |
    ntlmFlags.alwaysSign |
    ntlmFlags.targetInfo |
    ntlmFlags.version |
    ntlmFlags.key56) >>>
  0

export function hasFlags(flags: number, wanted: number): boolean {
  return (flags & wanted) >>> 0 === wanted >>> 0
}
