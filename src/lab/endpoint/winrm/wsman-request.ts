import type { Element } from '@xmldom/xmldom'
import { namespaces } from '../../../transport/winrm/soap/names.js'
import { child, children, EnvelopeError, elementsOf, openEnvelope, textOf } from '../../../transport/winrm/soap/read.js'
import { WsmanFaultAnswer } from './wsman-fault.js'

/** A request as MS-WSMV wants it. */
export interface WsmanCall {
  action: string
  messageId: string
  resourceUri: string
  maxEnvelopeSize: number
  operationTimeoutMs: number
  selectors: ReadonlyMap<string, string>
  body: readonly Element[]
}

/** MaxTimeoutms: a longer OperationTimeout is cut to it (MS-WSMV 3.1.4.1.6). */
const maxTimeoutMs = 60_000
/** MS-WSMV 3.1.4.1.7. */
const leastEnvelopeBytes = 8192

/** Header elements that this server understands; another one that must be understood is refused (SOAP 1.2 part 1, 2.4). */
const understood: readonly (readonly [string, string])[] = [
  ...['To', 'ReplyTo', 'Action', 'MessageID', 'From', 'FaultTo'].map(name => [namespaces.a, name] as const),
  ...[
    'ResourceURI',
    'SelectorSet',
    'OptionSet',
    'MaxEnvelopeSize',
    'OperationTimeout',
    'Locale',
    'FragmentTransfer',
  ].map(name => [namespaces.w, name] as const),
  ...['DataLocale', 'SessionId', 'OperationID', 'SequenceId', 'ActivityId', 'CompressionType'].map(
    name => [namespaces.p, name] as const,
  ),
]

/** Reads a request and checks its header. Throws `WsmanFaultAnswer`, or `EnvelopeError` for what is no envelope. */
export function readCall(message: Buffer): WsmanCall {
  const { header, body } = openEnvelope(message)
  if (header === undefined) throw new WsmanFaultAnswer('invalidParameter', 'The request has no SOAP header. ')
  for (const element of elementsOf(header)) {
    const must = element.getAttributeNS(namespaces.s, 'mustUnderstand')
    const known = understood.some(([uri, name]) => element.namespaceURI === uri && element.localName === name)
    if ((must === 'true' || must === '1') && !known) {
      throw new WsmanFaultAnswer('invalidParameter', `The header ${element.localName} is not understood. `)
    }
  }
  const needed = (prefix: 'a' | 'w', name: string): string => {
    const found = textOf(child(header, prefix, name))
    if (found === undefined || found === '') {
      throw new WsmanFaultAnswer('invalidParameter', `The request has no ${name} in its header. `)
    }
    return found
  }
  needed('a', 'To')
  if (child(header, 'a', 'ReplyTo') === undefined) {
    throw new WsmanFaultAnswer('invalidParameter', 'The request has no ReplyTo in its header. ')
  }
  const maxEnvelopeSize = Number(textOf(child(header, 'w', 'MaxEnvelopeSize')) ?? 153_600)
  if (!(maxEnvelopeSize >= leastEnvelopeBytes)) throw new WsmanFaultAnswer('encodingLimit')
  checkOptions(header)
  return {
    action: needed('a', 'Action'),
    messageId: needed('a', 'MessageID'),
    resourceUri: needed('w', 'ResourceURI'),
    maxEnvelopeSize,
    operationTimeoutMs: Math.min(maxTimeoutMs, durationMs(textOf(child(header, 'w', 'OperationTimeout')))),
    selectors: selectorsIn(header),
    body: elementsOf(body),
  }
}

/** The id of a request that may have something else wrong with it: a fault says what it answers. */
export function messageIdOf(message: Buffer): string | undefined {
  try {
    const { header } = openEnvelope(message)
    return header === undefined ? undefined : textOf(child(header, 'a', 'MessageID'))
  } catch (error) {
    if (error instanceof EnvelopeError) return undefined
    throw error
  }
}

function selectorsIn(header: Element): Map<string, string> {
  const set = child(header, 'w', 'SelectorSet')
  const selectors = set === undefined ? [] : children(set, 'w', 'Selector')
  return new Map(selectors.map(one => [one.getAttribute('Name') ?? '', textOf(one) ?? '']))
}

/** Options of the command shell (MS-WSMV 3.1.4.5.2, 3.1.4.11 and 3.1.4.14). */
const knownOptions = [
  'WINRS_NOPROFILE',
  'WINRS_CODEPAGE',
  'WINRS_CONSOLEMODE_STDIN',
  'WINRS_SKIP_CMD_SHELL',
  'WSMAN_CMDSHELL_OPTION_KEEPALIVE',
]

/** An option that must be complied with and is not known refuses the whole request, others are ignored (DSP0226 6.4). */
function checkOptions(header: Element): void {
  const set = child(header, 'w', 'OptionSet')
  for (const option of set === undefined ? [] : children(set, 'w', 'Option')) {
    const must = /^(true|1)$/i.test(option.getAttribute('MustComply') ?? '')
    if (must && !knownOptions.includes((option.getAttribute('Name') ?? '').toUpperCase())) {
      throw new WsmanFaultAnswer('invalidOptions')
    }
  }
}

/** An XML Schema duration of days and less; Windows' own default where there is none. */
export function durationMs(text: string | undefined): number {
  if (text === undefined) return maxTimeoutMs
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text)
  if (match === null) throw new WsmanFaultAnswer('invalidParameter', `${text} is no duration. `)
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = match
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
}
