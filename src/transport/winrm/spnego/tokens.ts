import { DerError, derTags, readElement, readElements, readFields, readOnly, writeElement, writeField } from './der.js'

/** Mechanisms as DER object identifiers, without tag and length. */
export const mechanisms = {
  /** 1.3.6.1.5.5.2 */
  spnego: Buffer.from('2b0601050502', 'hex'),
  /** 1.3.6.1.4.1.311.2.2.10 */
  ntlm: Buffer.from('2b06010401823702020a', 'hex'),
  /** 1.2.840.113554.1.2.2 */
  kerberos: Buffer.from('2a864886f712010202', 'hex'),
  /** 1.2.840.48018.1.2.2: the same under the number that Windows 2000 gave it. */
  microsoftKerberos: Buffer.from('2a864882f712010202', 'hex'),
} as const

export type NegState = 'accept-completed' | 'accept-incomplete' | 'reject' | 'request-mic'

const states: readonly NegState[] = ['accept-completed', 'accept-incomplete', 'reject', 'request-mic']

export interface NegTokenInit {
  mechTypes: Buffer[]
  mechToken?: Buffer
}

export interface NegTokenResp {
  state?: NegState
  supportedMech?: Buffer
  responseToken?: Buffer
  mechListMic?: Buffer
}

/** What the mechListMIC is made over (RFC 4178 5). */
export function mechListBytes(mechTypes: readonly Buffer[]): Buffer {
  return writeElement(derTags.sequence, ...mechTypes.map(oid => writeElement(derTags.oid, oid)))
}

/** The first token of a negotiation, in its GSS frame (RFC 4178 4.2.1). */
export function writeInit({ mechTypes, mechToken }: NegTokenInit): Buffer {
  const parts = [writeElement(derTags.context(0), mechListBytes(mechTypes))]
  if (mechToken !== undefined) parts.push(writeField(2, derTags.octetString, mechToken))
  const init = writeElement(derTags.context(0), writeElement(derTags.sequence, ...parts))
  return writeElement(derTags.application, writeElement(derTags.oid, mechanisms.spnego), init)
}

/** Throws `DerError`. */
export function readInit(token: Buffer): NegTokenInit {
  const framed = readElement(readOnly(token, derTags.application))
  if (framed.element.tag !== derTags.oid || !framed.element.content.equals(mechanisms.spnego)) {
    throw new DerError('not a token of SPNEGO')
  }
  const fields = readFields(readOnly(framed.rest, derTags.context(0)))
  const list = fields.get(0)
  if (list === undefined) throw new DerError('a negotiation without mechanisms')
  const mechToken = fields.get(2)
  return {
    mechTypes: readElements(readOnly(list, derTags.sequence)).map(({ content }) => content),
    ...(mechToken !== undefined && { mechToken: readOnly(mechToken, derTags.octetString) }),
  }
}

/** Every later token, of either side (RFC 4178 4.2.2). */
export function writeResponse({ state, supportedMech, responseToken, mechListMic }: NegTokenResp): Buffer {
  const parts: Buffer[] = []
  if (state !== undefined) parts.push(writeField(0, derTags.enumerated, Buffer.from([states.indexOf(state)])))
  if (supportedMech !== undefined) parts.push(writeField(1, derTags.oid, supportedMech))
  if (responseToken !== undefined) parts.push(writeField(2, derTags.octetString, responseToken))
  if (mechListMic !== undefined) parts.push(writeField(3, derTags.octetString, mechListMic))
  return writeElement(derTags.context(1), writeElement(derTags.sequence, ...parts))
}

/** Throws `DerError`. */
export function readResponse(token: Buffer): NegTokenResp {
  const fields = readFields(readOnly(token, derTags.context(1)))
  const value = (index: number, tag: number): Buffer | undefined => {
    const found = fields.get(index)
    return found === undefined ? undefined : readOnly(found, tag)
  }
  const state = states[value(0, derTags.enumerated)?.[0] ?? -1]
  const supportedMech = value(1, derTags.oid)
  const responseToken = value(2, derTags.octetString)
  const mechListMic = value(3, derTags.octetString)
  return {
    ...(state !== undefined && { state }),
    ...(supportedMech !== undefined && { supportedMech }),
    ...(responseToken !== undefined && { responseToken }),
    ...(mechListMic !== undefined && { mechListMic }),
  }
}

/** True of a NegTokenResp; a raw NTLM message, which servers may answer with, is not one. */
export function isResponse(token: Buffer): boolean {
  return token[0] === derTags.context(1)
}

export function isInit(token: Buffer): boolean {
  return token[0] === derTags.application
}
