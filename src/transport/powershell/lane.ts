import type { HostedShell } from './hosted-shell.js'
import type { HostArgument, HostEnd } from './protocol.js'

export type LaneEnd = HostEnd

/** A runspace in the hosted shell with one PSSession: it runs one script at a time. */
export interface Lane {
  /** `onObject` gets each object a script gives, and what ends the script. */
  run(
    script: string,
    words: HostArgument[],
    onObject: (text: string, end: () => void) => void,
  ): { ended: Promise<LaneEnd>; stop: () => void }
  close(): Promise<void>
}

/** How long a server may take to close a session, in milliseconds. */
const goodbyeMs = 5000

export function laneOf(shell: HostedShell, lane: string): Lane {
  return {
    run(script, words, onObject) {
      let id = 0
      const stop = () => shell.stop(id)
      const ended = shell.ask(
        { verb: 'run', lane, script, arguments: words },
        text => onObject(text, stop),
        given => {
          id = given
        },
      )
      return { ended, stop }
    },
    async close() {
      if (shell.dead) return
      const closed = shell.ask({ verb: 'close', lane }).catch(() => undefined)
      let timer: NodeJS.Timeout | undefined
      const late = new Promise(resolve => {
        timer = setTimeout(resolve, goodbyeMs)
      })
      await Promise.race([closed, late])
      clearTimeout(timer)
    },
  }
}
