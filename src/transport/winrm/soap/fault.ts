import type { Element } from '@xmldom/xmldom'
import { child, descendant, is, textOf } from './read.js'

/** Why a server did not do what it was asked (SOAP 1.2 5.4, MS-WSMV 2.2.4.43). */
export interface WsmanFault {
  /** Windows' number, unsigned: `2150858793`. From WSManFault, else from a WMI error. */
  code: number | undefined
  /** Without its prefix: `TimedOut`. */
  subcode: string | undefined
  /** The words of the server: its plug-in's or provider's where there are any. In the server's language. */
  reason: string
}

/** Numbers that Windows gives (wsmerror.h, winerror.h). */
export const faultCodes = {
  /** Nothing to tell before OperationTimeout was over. */
  timedOut: 2150858793,
  /** The shell or command is not there (any more): an idle time-out, a restart, or it was deleted. */
  notFound: 2150858843,
  accessDenied: 2147942405,
  /** The number of concurrent shells of this user. */
  maxShells: 2150859173,
  maxOperations: 2150859174,
  userQuota: 2150859175,
  systemQuota: 2150859176,
  maxShellUsers: 2150859179,
  shellsNotAllowed: 2150859180,
  maxShellsPlugIn: 2150859236,
  maxOperationsPlugIn: 2150859240,
  maxCommandsPlugIn: 2150859241,
  encodingLimit: 2150858805,
  actionMismatch: 2150858801,
  /** A second Receive for one command. */
  concurrency: 2150858802,
  filterNotSupported: 2150858776,
  invalidContext: 2150858779,
  operationAborted: 995,
  brokenPipe: 2147942509,
  pipeClosing: 2147942632,
  fileNotFound: 2147942402,
  lineTooLong: 2147942606,
  invalidParameter: 87,
  shellGone: 2147943418,
} as const

/** The fault in a body; undefined when there is none. */
export function readFault(body: readonly Element[]): WsmanFault | undefined {
  const fault = body.find(element => is(element, 's', 'Fault'))
  if (fault === undefined) return undefined
  const code = child(fault, 's', 'Code')
  const subcode = code === undefined ? undefined : child(code, 's', 'Subcode')
  const value = textOf(subcode === undefined ? undefined : child(subcode, 's', 'Value'))
  const reason = child(fault, 's', 'Reason')
  const detail = child(fault, 's', 'Detail')
  const windows = detail === undefined ? undefined : descendant(detail, 'f', 'WSManFault')
  const words = [
    windows === undefined ? undefined : textOf(descendant(windows, 'f', 'ProviderFault')),
    windows === undefined ? undefined : textOf(child(windows, 'f', 'Message')),
    detail === undefined ? undefined : wmiProperty(detail, 'Message'),
    textOf(reason === undefined ? undefined : child(reason, 's', 'Text')),
  ].find(text => text !== undefined && text !== '')
  return {
    code: numberOf(windows?.getAttribute('Code')) ?? numberOf(detail && wmiProperty(detail, 'error_Code')),
    subcode: value?.slice(value.lastIndexOf(':') + 1),
    reason: (words ?? 'no reason given').replace(/\s+/g, ' ').trim(),
  }
}

/** A property of the MSFT_WmiError that WMI puts beside or in place of a WSManFault, in whatever namespace. */
function wmiProperty(detail: Element, name: string): string | undefined {
  return textOf([...detail.getElementsByTagNameNS('*', name)][0])
}

function numberOf(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined || !/^-?\d{1,10}$/.test(text.trim())) return undefined
  // Some servers write the number with a sign.
  return Number(text) >>> 0
}
