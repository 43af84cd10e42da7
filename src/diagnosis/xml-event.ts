/** An event as `wevtutil /f:xml` and the Event Viewer save it: with its values, and without the words around them. */
export interface XmlEvent {
  id: number
  /** The values of its message, in their order. */
  data: string[]
}

/** The event whose text begins at, or goes on from, `tail`: the rest of its `<System>` part and its data. */
export function xmlEvent(tail: string): XmlEvent | undefined {
  const [own = ''] = tail.split('</Event>')
  const id = /<EventID[^>]*>(\d+)</.exec(own)?.[1]
  if (id === undefined) return undefined
  return { id: Number(id), data: [...own.matchAll(/<Data[^>]*>([^<]*)<\/Data>/g)].map(found => found[1] ?? '') }
}
