import type { RunEvent } from '../events/event.js'

/** The groups of a tail with the events of a second source among them, in the order in which they come. Ends with the tail. */
export async function* inArrivalOrder(
  tail: AsyncIterable<readonly RunEvent[]>,
  listen: (listener: (event: RunEvent) => void) => void,
): AsyncGenerator<readonly RunEvent[]> {
  const queue: (readonly RunEvent[])[] = []
  let wake: () => void = () => undefined
  let ended = false
  let failed: unknown
  listen(event => {
    queue.push([event])
    wake()
  })
  const reading = (async () => {
    for await (const group of tail) {
      queue.push(group)
      wake()
    }
  })()
  void reading
    .catch(error => {
      failed = error
    })
    .finally(() => {
      ended = true
      wake()
    })
  for (;;) {
    const group = queue.shift()
    if (group !== undefined) yield group
    else if (failed !== undefined) throw failed
    else if (ended) return
    else
      await new Promise<void>(resolve => {
        wake = resolve
      })
  }
}
