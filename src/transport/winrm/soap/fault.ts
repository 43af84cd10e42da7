import type { Element } from '@xmldom/xmldom'
import { namespaces } from './names.js'
import { child, descendant, is, textOf } from './read.js'

/** Why a server did not do what it was asked (SOAP 1.2 5.4, MS-WSMV 2.2.4.43). */
export interface WsmanFault {
  /** Windows' number, unsigned: `2150858793`. From WSManFault, else from a WMI error. Of several the one that is known. */
  code: number | undefined
  /** Without its prefix: `TimedOut`. Where there is none, the code it would be under: `MustUnderstand`. */
  subcode: string | undefined
  /** The words of the server: its plug-in's or provider's where there are any. In the server's language. */
  reason: string
}

/** Numbers that Windows gives (wsmerror.h, winerror.h). What is no matter of WS-Management comes as here or without `0x8007....`. */
export const faultCodes = {
  /** Nothing to tell before OperationTimeout was over. */
  timedOut: 2150858793,
  /** The shell or command is not there (any more): an idle time-out, a restart, or it was deleted. */
  notFound: 2150858843,
  accessDenied: 2147942405,
  privilegeNotHeld: 2147943714,
  /** The number of concurrent shells of this user. */
  maxShells: 2150859173,
  maxOperations: 2150859174,
  userQuota: 2150859175,
  systemQuota: 2150859176,
  quotaLimit: 2150858815,
  maxShellUsers: 2150859179,
  shellsNotAllowed: 2150859180,
  maxShellsPlugIn: 2150859236,
  maxUsersPlugIn: 2150859237,
  /** Of all users together. */
  maxPlugInShells: 2150859238,
  maxPlugInOperations: 2150859239,
  maxOperationsPlugIn: 2150859240,
  maxCommandsPlugIn: 2150859241,
  encodingLimit: 2150858805,
  envelopeExceeded: 2150858824,
  serverEnvelopeLimit: 2150858825,
  actionMismatch: 2150858801,
  /** A second Receive for one command. */
  concurrency: 2150858802,
  cannotConnect: 2150858770,
  resourceNotFound: 2150858752,
  invalidOptions: 2150858809,
  invalidResourceUri: 2150858811,
  filterNotSupported: 2150858776,
  invalidContext: 2150858779,
  operationAborted: 995,
  brokenPipe: 2147942509,
  pipeClosing: 2147942632,
  fileNotFound: 2147942402,
  lineTooLong: 2147942606,
  invalidParameter: 87,
  shellGone: 2147943418,
  /** The process that holds the shell has ended under a request, or crashed. */
  hostCallFailed: 2147944126,
  hostUnavailable: 2147944122,
  hostCrashed: 3221225477,
  notReady: 2147942421,
  shutdownInProgress: 2147943515,
  notEnoughMemory: 2147942408,
  outOfMemory: 2147942414,
  /** ERROR_COMMITMENT_LIMIT, ERROR_NOT_ENOUGH_QUOTA: what the limit of a shell's memory comes to. */
  commitmentLimit: 2147943855,
  notEnoughQuota: 2147944216,
  /** The process that holds shells did not start. */
  hostNotStarted: 2148007941,
} as const

export type FaultName = keyof typeof faultCodes

const names = new Map<number, FaultName>()
for (const name of Object.keys(faultCodes) as FaultName[]) names.set(systemError(faultCodes[name]), name)

/** Subcodes that say the same without a number, as other services than Windows' send them (DSP0226 14.6, WS-Addressing 2004/08 4). */
const subcodeNames: Readonly<Record<string, FaultName>> = {
  AccessDenied: 'accessDenied',
  Concurrency: 'concurrency',
  DestinationUnreachable: 'resourceNotFound',
  EncodingLimit: 'encodingLimit',
  InvalidSelectors: 'notFound',
  QuotaLimit: 'quotaLimit',
  TimedOut: 'timedOut',
}

/** Which fault it is, by its number, else by its subcode; undefined when it is none of `faultCodes`. */
export function faultName({ code, subcode }: Pick<WsmanFault, 'code' | 'subcode'>): FaultName | undefined {
  const byNumber = code === undefined ? undefined : names.get(systemError(code))
  if (byNumber !== undefined || subcode === undefined) return byNumber
  return Object.hasOwn(subcodeNames, subcode) ? subcodeNames[subcode] : undefined
}

/** Characters of a server's words that are looked at: its longest ones have some lines. */
const longestReason = 4000

/** The fault in a body; undefined when there is none. */
export function readFault(body: readonly Element[]): WsmanFault | undefined {
  const fault = body.find(element => is(element, 's', 'Fault'))
  if (fault === undefined) return undefined
  const code = child(fault, 's', 'Code')
  const subcode = code === undefined ? undefined : child(code, 's', 'Subcode')
  const value = textOf(valueIn(subcode) ?? valueIn(code))
  const reason = child(fault, 's', 'Reason')
  const detail = child(fault, 's', 'Detail')
  const windows = detail === undefined ? undefined : descendant(detail, 'f', 'WSManFault')
  const provider = windows === undefined ? undefined : descendant(windows, 'f', 'ProviderFault')
  const words = [
    // What the provider says may be a fault of its own, with data beside it that are no words.
    provider === undefined ? undefined : textOf(descendant(provider, 'f', 'Message') ?? provider),
    windows === undefined ? undefined : textOf(child(windows, 'f', 'Message')),
    detail === undefined ? undefined : wmiProperty(detail, 'Message'),
    textOf(reason === undefined ? undefined : child(reason, 's', 'Text')),
  ].find(text => text !== undefined && text !== '')
  return {
    code: detail === undefined ? undefined : numberIn(detail),
    subcode: value?.slice(value.lastIndexOf(':') + 1),
    reason: (words ?? 'no reason given').slice(0, longestReason).replace(/\s+/g, ' ').trim(),
  }
}

function valueIn(code: Element | undefined): Element | undefined {
  return code === undefined ? undefined : child(code, 's', 'Value')
}

function numberIn(detail: Element): number | undefined {
  const faults = [...detail.getElementsByTagNameNS(namespaces.f, 'WSManFault')]
  const numbers = [...faults.map(fault => fault.getAttribute('Code')), wmiProperty(detail, 'error_Code')]
    .map(numberOf)
    .filter(number => number !== undefined)
  return numbers.find(number => names.has(systemError(number))) ?? numbers[0]
}

/** A property of the MSFT_WmiError that WMI puts beside or in place of a WSManFault, in whatever namespace. */
function wmiProperty(detail: Element, name: string): string | undefined {
  return textOf([...detail.getElementsByTagNameNS('*', name)][0])
}

function numberOf(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined || !/^(-?\d{1,10}|0x[\da-f]{1,8})$/i.test(text.trim())) return undefined
  // Some servers write the number with a sign.
  return Number(text) >>> 0
}

/** `5` of `0x80070005`: an error of Windows itself comes in either form, by the component it went through (winerror.h, HRESULT_FROM_WIN32). */
function systemError(code: number): number {
  return code >>> 16 === 0x8007 ? code & 0xffff : code
}
