import { randomUUID } from 'node:crypto'
import type { Element } from '@xmldom/xmldom'
import { child, textOf } from '../../../transport/winrm/soap/read.js'
import type { XmlElement } from '../../../transport/winrm/soap/write.js'
import { WsmanFaultAnswer } from './wsman-fault.js'

/** Contexts that are kept for clients that never come back, the newest. */
const mostContexts = 20
/** Shells in one answer, whatever a client wants: one takes about a kilobyte, of the 150 that an envelope may have. */
const mostShells = 100

/** WS-Enumeration of shells (MS-WSMV 3.1.4.8 and 3.1.4.9): what a client has not been told yet waits under a context of its own. */
export class ShellEnumeration {
  readonly #left = new Map<string, XmlElement[]>()

  /** The body of EnumerateResponse: the first ones with it when the client says so (DSP0226 8.2.3). */
  enumerate(body: readonly Element[], shells: XmlElement[]): XmlElement {
    const wanted = body.find(element => element.localName === 'Enumerate')
    if (wanted === undefined) throw new WsmanFaultAnswer('invalidParameter')
    if (child(wanted, 'w', 'Filter') ?? child(wanted, 'n', 'Filter')) throw new WsmanFaultAnswer('filterNotSupported')
    const isOptimized = child(wanted, 'w', 'OptimizeEnumeration') !== undefined
    const { now, context } = this.#take(shells, isOptimized ? (countIn(child(wanted, 'w', 'MaxElements')) ?? 1) : 0)
    return {
      name: 'n:EnumerateResponse',
      content: [
        { name: 'n:EnumerationContext', content: context ?? '' },
        ...(isOptimized ? [{ name: 'w:Items', content: now } as const] : []),
        ...(context === undefined ? [{ name: 'w:EndOfSequence' } as const] : []),
      ],
    }
  }

  /** The body of PullResponse. */
  pull(body: readonly Element[]): XmlElement {
    const wanted = body.find(element => element.localName === 'Pull')
    const id = wanted === undefined ? '' : (textOf(child(wanted, 'n', 'EnumerationContext')) ?? '')
    const left = this.#left.get(id)
    if (wanted === undefined || left === undefined) throw new WsmanFaultAnswer('invalidContext')
    this.#left.delete(id)
    const { now, context } = this.#take(left, countIn(child(wanted, 'n', 'MaxElements')) ?? 1)
    return {
      name: 'n:PullResponse',
      content: [
        ...(context === undefined ? [] : [{ name: 'n:EnumerationContext', content: context } as const]),
        { name: 'n:Items', content: now },
        ...(context === undefined ? [{ name: 'n:EndOfSequence' } as const] : []),
      ],
    }
  }

  #take(shells: XmlElement[], wanted: number): { now: XmlElement[]; context: string | undefined } {
    const count = Math.min(wanted, mostShells)
    const now = shells.slice(0, count)
    if (count > 0 && shells.length <= count) return { now, context: undefined }
    const context = `uuid:${randomUUID().toUpperCase()}`
    this.#left.set(context, shells.slice(count))
    for (const old of [...this.#left.keys()].slice(0, -mostContexts)) this.#left.delete(old)
    return { now, context }
  }
}

function countIn(element: Element | undefined): number | undefined {
  if (element === undefined) return undefined
  const count = Number(textOf(element))
  if (!Number.isInteger(count) || count < 1) throw new WsmanFaultAnswer('invalidParameter')
  return count
}
