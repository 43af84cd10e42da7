import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startLab } from '../lab/start-lab.js'
import { exroll } from './exroll.js'
import { runHere } from './run-here.js'

const name = 'ex-mbx-01'

it('a run whose folder was cleaned away on the server installs nothing a second time when it is resumed', async () => {
  const lab = await startLab({ servers: 1, seed: 7, timeScale: 900, installSeconds: 60 })
  try {
    const server = lab.lab.server(name)
    const left = await runHere({
      inventory: lab.inventory,
      before(event, control) {
        if (event.type === 'step.started' && event.step === 'install') control.leave('the test')
      },
    })
    // The server ends it by itself, and the guard goes.
    while (server.tasks.names.length > 0) await delay(50)
    const cleaned = await exroll(['cleanup', '-i', lab.inventory, '--yes']).ended
    expect(cleaned).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('removed 1') })
    const { events } = await runHere({ inventory: lab.inventory, resume: left })
    expect(events.findLast(event => event.type === 'server.finished')).toMatchObject({ outcome: 'ok' })
    expect(lab.lab.state().servers[name]).toMatchObject({ installsStarted: 1, build: '8.1.311.3' })
  } finally {
    await lab.dispose()
  }
})
