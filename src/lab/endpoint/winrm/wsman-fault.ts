import { faultCodes } from '../../../transport/winrm/soap/fault.js'
import type { XmlElement } from '../../../transport/winrm/soap/write.js'

/** Why the simulated server does not do what it was asked; becomes a SOAP fault. */
export class WsmanFaultAnswer extends Error {
  override readonly name = 'WsmanFaultAnswer'
  readonly code: number
  readonly sender: boolean
  readonly subcode: string

  constructor(kind: keyof typeof faults, message: string = faults[kind].text) {
    super(message)
    const { code, sender, subcode } = faults[kind]
    this.code = code
    this.sender = sender
    this.subcode = subcode
  }
}

/** Numbers and words of Windows (wsmerror.h). */
const faults = {
  timedOut: {
    code: faultCodes.timedOut,
    sender: false,
    subcode: 'w:TimedOut',
    text: 'The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  ',
  },
  notFound: {
    code: faultCodes.notFound,
    sender: true,
    subcode: 'w:InvalidSelectors',
    text: 'The request for the Windows Remote Shell with ShellId was not found on the server. The shell or command may have been closed. ',
  },
  maxShells: {
    code: faultCodes.maxShells,
    sender: true,
    subcode: 'w:QuotaLimit',
    text: 'The WS-Management service cannot process the request. The maximum number of concurrent shells for this user has been exceeded. Close existing shells or raise the quota for this user. ',
  },
  maxOperations: {
    code: faultCodes.maxOperations,
    sender: true,
    subcode: 'w:QuotaLimit',
    text: 'The WS-Management service cannot process the request. The maximum number of concurrent operations for this user has been exceeded. Close existing operations for this user, or raise the quota for this user. ',
  },
  maxProcesses: {
    code: faultCodes.maxCommandsPlugIn,
    sender: true,
    subcode: 'w:QuotaLimit',
    text: 'The WS-Management service cannot process the request. The maximum number of commands in one shell has been exceeded. ',
  },
  accessDenied: {
    // Where the service itself refuses, Windows writes the number without its facility.
    code: 5,
    sender: true,
    subcode: 'w:AccessDenied',
    text: 'Access is denied. ',
  },
  encodingLimit: {
    code: faultCodes.encodingLimit,
    sender: true,
    subcode: 'w:EncodingLimit',
    text: 'The WS-Management service cannot process the request because the encoding of the request exceeds an internal encoding limit. Reconfigure the client to send messages which fit the encoding limits of the service. ',
  },
  invalidOptions: {
    code: faultCodes.invalidOptions,
    sender: true,
    subcode: 'w:InvalidOptions',
    text: 'The WS-Management service cannot process the request because one or more options are not valid. ',
  },
  resourceNotFound: {
    code: faultCodes.resourceNotFound,
    sender: true,
    subcode: 'a:DestinationUnreachable',
    text: 'The WS-Management service cannot process the request. The service cannot find the resource identified by the resource URI and selectors. ',
  },
  actionMismatch: {
    code: faultCodes.actionMismatch,
    sender: true,
    subcode: 'w:ActionMismatch',
    text: 'The WS-Management service cannot process the request because the WS-Addressing Action URI in the request is not compatible with the resource. ',
  },
  filterNotSupported: {
    code: faultCodes.filterNotSupported,
    sender: true,
    subcode: 'n:FilteringNotSupported',
    text: 'The WS-Management service cannot process the request. Filtered enumeration is not supported. ',
  },
  invalidContext: {
    code: faultCodes.invalidContext,
    sender: true,
    subcode: 'n:InvalidEnumerationContext',
    text: 'The WS-Management service cannot process the request. The supplied enumeration context is invalid. ',
  },
  concurrency: {
    code: faultCodes.concurrency,
    sender: true,
    subcode: 'w:Concurrency',
    text: 'The WS-Management service cannot complete the WS-Addressing Action URI in the request because the resource was already in use. ',
  },
  invalidParameter: {
    code: faultCodes.invalidParameter,
    sender: true,
    subcode: 'w:InvalidParameter',
    text: 'The parameter is incorrect. ',
  },
  brokenPipe: {
    code: faultCodes.brokenPipe,
    sender: false,
    subcode: 'w:InternalError',
    text: 'The pipe has been ended. ',
  },
  lineTooLong: {
    code: faultCodes.lineTooLong,
    sender: false,
    subcode: 'w:InternalError',
    text: 'The filename or extension is too long. ',
  },
} as const

/** The body of a fault (MS-WSMV 2.2.4.43). */
export function faultElement({ code, sender, subcode, message }: WsmanFaultAnswer, machine: string): XmlElement {
  return {
    name: 's:Fault',
    content: [
      {
        name: 's:Code',
        content: [
          { name: 's:Value', content: sender ? 's:Sender' : 's:Receiver' },
          { name: 's:Subcode', content: [{ name: 's:Value', content: subcode }] },
        ],
      },
      {
        name: 's:Reason',
        content: [{ name: 's:Text', attributes: { 'xml:lang': 'en-US' }, content: message }],
      },
      {
        name: 's:Detail',
        content: [
          {
            name: 'f:WSManFault',
            attributes: { Code: String(code), Machine: machine },
            content: [{ name: 'f:Message', content: message }],
          },
        ],
      },
    ],
  }
}
