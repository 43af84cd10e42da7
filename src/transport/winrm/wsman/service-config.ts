import type { Element } from '@xmldom/xmldom'
import { actions, resources } from '../soap/names.js'
import { elementsOf, textOf } from '../soap/read.js'
import { defaultEnvelopeBytes, FaultError, type WsmanClient } from './client.js'

/** What a message needs besides its data: header, ids, a long URL. */
const headBytes = 4096
/** More than this is not asked for: each side holds a whole message in memory several times over. */
const mostBytes = 4 * 1024 * 1024

/** Characters of a value's name: what is longer is no setting, and thousands in a long one would fill the memory. */
const longestName = 200

/** Values of the service's configuration by name, `Winrs/MaxShellsPerUser`. Throws what `WsmanClient.request` throws. */
export async function readServiceConfig(client: WsmanClient): Promise<Map<string, string>> {
  const { body } = await client.request({ action: actions.get, resourceUri: resources.config })
  const values = new Map<string, string>()
  const collect = (element: Element, path: string): void => {
    const inner = elementsOf(element)
    if (inner.length === 0) values.set(path, textOf(element) ?? '')
    for (const one of inner) {
      const next = path === '' ? `${one.localName}` : `${path}/${one.localName}`
      if (next.length <= longestName) collect(one, next)
    }
  }
  for (const config of body) if (config.localName === 'Config') collect(config, '')
  return values
}

/**
 * Bytes that a message to this server may have: its MaxEnvelopeSizekb, which only administrators may read; else what every server
 * takes. 500 KB by default, 150 KB up to Windows 2008 R2 (MS-WSMV 2.2.4.10, note <8>).
 */
export async function readEnvelopeLimit(client: WsmanClient): Promise<number> {
  try {
    const kilobytes = Number((await readServiceConfig(client)).get('MaxEnvelopeSizekb'))
    if (!Number.isInteger(kilobytes) || kilobytes < 8) return defaultEnvelopeBytes
    return Math.min(kilobytes * 1024, mostBytes)
  } catch (error) {
    if (error instanceof FaultError) return defaultEnvelopeBytes
    throw error
  }
}

/** Bytes of data that fit into a message, which carries them as base64: a multiple of three, so that nothing is padded. */
export function payloadOf(envelopeBytes: number): number {
  return Math.floor(((envelopeBytes - headBytes) * 3) / 4 / 3) * 3
}
