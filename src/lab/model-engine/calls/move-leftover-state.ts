import { armedRun } from '../run-files.js'
import type { ScriptAnswer } from '../script-call.js'
import { ScriptProblem } from '../script-problem.js'
import { leftoverState } from './test-server-readiness.js'

export const moveLeftoverState: ScriptAnswer<'Move-LeftoverState'> = ({ server }) => {
  const armed = armedRun(server)
  if (armed !== null || server.installerMutex !== undefined) {
    const why = armed === null ? 'Windows Installer is at work' : `run ${armed} has its guard armed on this server`
    throw new ScriptProblem(
      'STATE_IN_USE',
      `the saved service state stays where it is: ${why}`,
      'Try again when it has ended.',
    )
  }
  const moved = leftoverState(server).map(path => {
    const to = freeName(path, name => server.files.exists(name))
    server.files.rename(path, to)
    return to
  })
  return { moved }
}

/** `ServiceState.xml.old`, `.old2` and so on: names that no patch looks for. */
function freeName(path: string, taken: (name: string) => boolean): string {
  let name = `${path}.old`
  for (let number = 2; taken(name); number += 1) name = `${path}.old${number}`
  return name
}
