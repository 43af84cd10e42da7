import type { Element } from '@xmldom/xmldom'
import { TransferError } from '../../../errors.js'
import { commandDone, resources } from '../soap/names.js'
import { bytesOf, child, children, descendant, textOf } from '../soap/read.js'

/** What a command wrote since the last time, and whether it has ended. */
export interface Received {
  stdout: Buffer
  stderr: Buffer
  done: boolean
  /** 32 unsigned bits; undefined when the answer has none. */
  exitCode: number | undefined
}

/** What a request for this shell names (MS-WSMV 3.1.4.5.2): all of it comes from the server's answer. */
export interface ShellReference {
  resourceUri: string
  selectors: Readonly<Record<string, string>>
}

/** The shell that a Create made. Throws `ANSWER_INVALID`, as all of these. */
export function referenceIn(body: readonly Element[], where: string): ShellReference {
  const created = body.find(element => element.localName === 'ResourceCreated')
  const selectors =
    created === undefined ? [] : children(descendant(created, 'w', 'SelectorSet') ?? created, 'w', 'Selector')
  const named = selectors.map(selector => [selector.getAttribute('Name') ?? '', textOf(selector) ?? ''] as const)
  if (named.length > 0) {
    const resourceUri = created === undefined ? undefined : textOf(descendant(created, 'w', 'ResourceURI'))
    return { resourceUri: resourceUri ?? resources.cmd, selectors: Object.fromEntries(named) }
  }
  // WinRM 1.1 and OMI may answer with the shell alone.
  const shell = body.find(element => element.localName === 'Shell')
  const id = shell === undefined ? undefined : textOf(child(shell, 'rsp', 'ShellId'))
  if (id === undefined || id === '') throw incomplete(where, 'Create', 'no shell')
  return { resourceUri: resources.cmd, selectors: { ShellId: id } }
}

/** The id of the command that a Command started. */
export function commandIdIn(body: readonly Element[], where: string): string {
  const id = body.map(element => textOf(child(element, 'rsp', 'CommandId'))).find(text => text !== undefined)
  if (id === undefined || id === '') throw incomplete(where, 'Command', 'no CommandId')
  return id
}

/**
 * What a Receive brought. All of it is taken for the command that was asked about: which Receive it answers is settled already, and
 * recorded answers name another command in some of their streams.
 */
export function receivedIn(body: readonly Element[], where: string): Received {
  const response = body.find(element => element.localName === 'ReceiveResponse')
  if (response === undefined) throw incomplete(where, 'Receive', 'no ReceiveResponse')
  const streams = children(response, 'rsp', 'Stream')
  const outputOf = (name: string): Buffer =>
    Buffer.concat(streams.filter(stream => isNamed(stream, name)).map(stream => decoded(stream, where)))
  const state = child(response, 'rsp', 'CommandState')
  const exitCode = state === undefined ? undefined : textOf(child(state, 'rsp', 'ExitCode'))
  if (exitCode !== undefined && !isExitCode(exitCode))
    throw incomplete(where, 'Receive', 'no number of 32 bits for an exit code')
  return {
    stdout: outputOf('stdout'),
    stderr: outputOf('stderr'),
    done: state?.getAttribute('State') === commandDone,
    exitCode: exitCode === undefined ? undefined : Number(exitCode) >>> 0,
  }
}

/** One more bit, cut off, would make a success of a failure. */
function isExitCode(text: string): boolean {
  return /^-?\d{1,10}$/.test(text) && Number(text) >= -(2 ** 31) && Number(text) < 2 ** 32
}

/** `stdout` on the wire, `STDOUT` and `Stdout` in Microsoft's documents. */
function isNamed(stream: Element, name: string): boolean {
  return stream.getAttribute('Name')?.toLowerCase() === name
}

function decoded(stream: Element, where: string): Buffer {
  const bytes = bytesOf(stream)
  if (bytes === undefined) throw incomplete(where, 'Receive', 'a stream that is not base64')
  return bytes
}

function incomplete(where: string, operation: string, what: string): TransferError {
  return new TransferError(`The answer of ${where} to ${operation} has ${what}.`, {
    code: 'ANSWER_INVALID',
    hint: 'Is it a WinRM listener of Windows?',
  })
}
