import { describe, expect, it } from 'vitest'
import { type FaultName, faultCodes, faultName, readFault } from '../../../../src/transport/winrm/soap/fault.js'
import { readEnvelope } from '../../../../src/transport/winrm/soap/read.js'

const soap = 'http://www.w3.org/2003/05/soap-envelope'
const windows = 'http://schemas.microsoft.com/wbem/wsman/1/wsmanfault'

interface Written {
  subcode?: string
  text?: string
  detail?: string
}

/** As a service writes it: line feeds and indents between the elements, prefixes of its own. */
function fault({ subcode, text = '', detail = '' }: Written) {
  const message = `<E:Envelope xmlns:E="${soap}"><E:Header/><E:Body>
    <E:Fault>
      <E:Code><E:Value> E:Receiver </E:Value>${subcode === undefined ? '' : `<E:Subcode><E:Value> ${subcode}\r\n</E:Value></E:Subcode>`}</E:Code>
      <E:Reason><E:Text xml:lang="">${text}</E:Text></E:Reason>
      <E:Detail>${detail}</E:Detail>
    </E:Fault></E:Body></E:Envelope>`
  const read = readFault(readEnvelope(message).body)
  if (read === undefined) throw new Error('no fault')
  return read
}

const wsmanFault = (code: string | number, inner: string) =>
  `<z:WSManFault xmlns:z="${windows}" Code="${code}" Machine="ex-01"><z:Message>${inner}</z:Message></z:WSManFault>`
const nameOf = (written: Written) => faultName(fault(written))

describe('a fault', () => {
  it('is read with its number, its subcode without prefix, and the words of the service', () => {
    const detail = wsmanFault(2150859180, 'Keine Remoteshells. ')
    expect(fault({ subcode: 'w:InternalError', text: 'No.', detail })).toEqual({
      code: faultCodes.shellsNotAllowed,
      subcode: 'InternalError',
      reason: 'Keine Remoteshells.',
    })
  })

  it('that has neither is known by its code, and says what its reason says', () => {
    expect(fault({ text: ' Not\r\n  understood. ' })).toEqual({
      code: undefined,
      subcode: 'Receiver',
      reason: 'Not understood.',
    })
    expect(fault({}).reason).toBe('no reason given')
  })

  it.for<[string, string | number, FaultName | undefined]>([
    ['as Windows itself numbers it', 5, 'accessDenied'],
    ['as an HRESULT', 2147942405, 'accessDenied'],
    ['with a sign', -2147024891, 'accessDenied'],
    ['in hexadecimal', '0x80070005', 'accessDenied'],
    ['of a privilege', 1314, 'privilegeNotHeld'],
    ['of a pipe that is closing', 232, 'pipeClosing'],
    ['of a pipe that has ended', 109, 'brokenPipe'],
    ['of an aborted operation', 2147943395, 'operationAborted'],
    ['of a parameter', 2147942487, 'invalidParameter'],
    ['of a process that has ended', 1726, 'hostCallFailed'],
    ['of a crash', 0xc0000005, 'hostCrashed'],
    ['of WS-Management', 2150858793, 'timedOut'],
    ['that looks like one of Windows', 0x80330005, undefined],
    ['that is no number', 'five', undefined],
  ])('is the same with a number %s', ([, code, name]) => {
    expect(nameOf({ subcode: 'w:InternalError', detail: wsmanFault(code, 'x') })).toBe(name)
  })

  it.for<[string, FaultName | undefined]>([
    ['w:AccessDenied', 'accessDenied'],
    ['wsman:TimedOut', 'timedOut'],
    ['wsman:InvalidSelectors', 'notFound'],
    ['wsman:EncodingLimit', 'encodingLimit'],
    ['wsman:QuotaLimit', 'quotaLimit'],
    ['wsa:DestinationUnreachable', 'resourceNotFound'],
    ['wsman:InternalError', undefined],
    ['constructor', undefined],
  ])('without a known number is told by its subcode %s', ([subcode, name]) => {
    expect(nameOf({ subcode })).toBe(name)
    expect(nameOf({ subcode, detail: wsmanFault(4_000_000_000, 'x') })).toBe(name)
  })

  it('goes by its number where the subcode says less', () => {
    expect(nameOf({ subcode: 'w:QuotaLimit', detail: wsmanFault(faultCodes.maxShells, 'x') })).toBe('maxShells')
  })

  it('of a provider has the words of the provider, not the data beside them', () => {
    const inner = `${wsmanFault(5, 'Zugriff verweigert')}<z:ExtendedError xmlns:z="${windows}"><Status>ExecQuery</Status></z:ExtendedError>`
    const provider = `<z:ProviderFault xmlns:z="${windows}" provider="p">${inner}</z:ProviderFault>`
    const read = fault({ subcode: 'w:InternalError', detail: wsmanFault(2150858883, provider) })
    expect(read.reason).toBe('Zugriff verweigert')
    expect(faultName(read)).toBe('accessDenied')
    const plain = `<z:ProviderFault xmlns:z="${windows}">The line is too long. </z:ProviderFault>`
    expect(fault({ detail: wsmanFault(206, plain) })).toMatchObject({ code: 206, reason: 'The line is too long.' })
  })

  it('of WMI has a number and words too', () => {
    const error =
      '<p:Error xmlns:p="urn:wmi"><p:MessageID>HRESULT</p:MessageID><p:Message>Too many. </p:Message><p:error_Code>2150859174</p:error_Code></p:Error>'
    const read = fault({ subcode: 'w:InternalError', text: 'No.', detail: error })
    expect(read).toMatchObject({ code: 2150859174, reason: 'Too many.' })
    expect(faultName(read)).toBe('maxOperations')
  })

  it('is not there where the body is an answer', () => {
    const answer = `<s:Envelope xmlns:s="${soap}"><s:Body><Fault/></s:Body></s:Envelope>`
    expect(readFault(readEnvelope(answer).body)).toBeUndefined()
  })
})
