/** What `work` comes to, or `left` at once when the operator leaves. What is under way then ends by itself; nobody waits for it. */
export function untilLeft<T>(leaving: AbortSignal, work: Promise<T>): Promise<T | 'left'> {
  const left = new Promise<'left'>(resolve => {
    leaving.addEventListener('abort', () => resolve('left'), { once: true })
  })
  // After `left` it throws the cut connections.
  work.catch(() => undefined)
  return Promise.race([work, left])
}
