import type { ServerContext } from '../context.js'

/** Percent between two events: at most twenty for a package, whatever its size and however small the pieces. */
const everyPercent = 5

export interface CopyProgress {
  /** Takes how many bytes are there by now; one that goes on where an earlier copy was cut begins with what that left. */
  take(bytes: number): void
  /** Resolves when everything is told; rejects when it could not be. */
  told(): Promise<void>
}

/** How far a copy of `total` bytes to a server is, as `step.progress` of the step `stage`. */
export function copyProgress({ emit, server }: Pick<ServerContext, 'emit' | 'server'>, total: number): CopyProgress {
  let last = 0
  let telling = Promise.resolve()
  return {
    take(bytes) {
      const percent = total === 0 ? 100 : Math.min(100, Math.floor((bytes / total) * 100))
      if (percent < last + everyPercent && (percent < 100 || last === 100)) return
      last = percent
      const note = `${megabytes(bytes)} of ${megabytes(total)} MB sent`
      telling = telling.then(() => emit({ type: 'step.progress', server: server.name, step: 'stage', percent, note }))
      telling.catch(() => undefined)
    },
    told: () => telling,
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1)
}
