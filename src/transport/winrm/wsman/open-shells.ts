import type { Element } from '@xmldom/xmldom'
import { actions, resources } from '../soap/names.js'
import { child, children, descendant, textOf } from '../soap/read.js'
import type { XmlElement } from '../soap/write.js'
import type { WsmanClient } from './client.js'

/** A shell that is open on a server, as an enumeration tells of it (MS-WSMV 3.1.4.8.2). */
export interface OpenShell {
  owner: string
  /** Of the machine that opened it; empty where the server does not say. */
  clientIp: string
}

/** MaxBatchItems of Windows' own client (MS-WSMV 3.2.4.1.9); an answer has as many as fit into its envelope. */
const shellsAnAnswer = 32_000
/** More answers than that are not asked for: a server has some dozens of shells. */
const mostAnswers = 10

/** The shells on a server: an administrator sees all, another account its own. Throws what `WsmanClient.request` throws. */
export async function readOpenShells(client: WsmanClient, signal?: AbortSignal): Promise<OpenShell[]> {
  const most: XmlElement = { name: 'w:MaxElements', content: String(shellsAnAnswer) }
  const request = { resourceUri: resources.shell, signal }
  let body: readonly Element[] = (
    await client.request({
      ...request,
      action: actions.enumerate,
      // The first ones come with the answer (DSP0226 8.2.3).
      body: { name: 'n:Enumerate', content: [{ name: 'w:OptimizeEnumeration' }, most] },
    })
  ).body
  const found = shellsIn(body)
  for (let answers = 1; answers < mostAnswers; answers += 1) {
    const context = contextIn(body)
    if (context === undefined) break
    const pull: XmlElement[] = [
      { name: 'n:EnumerationContext', content: context },
      { name: 'n:MaxElements', content: String(shellsAnAnswer) },
    ]
    body = (await client.request({ ...request, action: actions.pull, body: { name: 'n:Pull', content: pull } })).body
    found.push(...shellsIn(body))
  }
  return found
}

/** `28 of CONTOSO\\exadmin from 10.1.2.3, 2 of CONTOSO\\svc from 10.1.2.4`: the most first, at most four. */
export function describeHolders(shells: readonly OpenShell[]): string {
  const counts = new Map<string, number>()
  for (const { owner, clientIp } of shells) {
    const holder = `${owner || 'somebody'}${clientIp === '' ? '' : ` from ${clientIp}`}`
    counts.set(holder, (counts.get(holder) ?? 0) + 1)
  }
  const most = [...counts].sort(([, a], [, b]) => b - a)
  const named = most.slice(0, 4).map(([holder, count]) => `${count} of ${holder}`)
  return [...named, ...(most.length > named.length ? ['others'] : [])].join(', ')
}

function shellsIn(body: readonly Element[]): OpenShell[] {
  return body
    .flatMap(answer => [descendant(answer, 'w', 'Items') ?? descendant(answer, 'n', 'Items')])
    .flatMap(items => (items === undefined ? [] : children(items, 'rsp', 'Shell')))
    .map(shell => ({
      owner: textOf(child(shell, 'rsp', 'Owner')) ?? '',
      clientIp: textOf(child(shell, 'rsp', 'ClientIP')) ?? '',
    }))
}

/** What asks for the next ones; undefined when these were the last. */
function contextIn(body: readonly Element[]): string | undefined {
  const isEnd = body.some(
    answer => (descendant(answer, 'w', 'EndOfSequence') ?? descendant(answer, 'n', 'EndOfSequence')) !== undefined,
  )
  if (isEnd) return undefined
  const context = body
    .map(answer => textOf(descendant(answer, 'n', 'EnumerationContext')))
    .find(text => text !== undefined)
  return context === '' ? undefined : context
}
