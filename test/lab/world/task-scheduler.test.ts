import { describe, expect, it } from 'vitest'
import { ChangeCounter } from '../../../src/lab/world/change-counter.js'
import { LabClock } from '../../../src/lab/world/clock.js'
import { ProcessTable } from '../../../src/lab/world/process-table.js'
import { TaskScheduler } from '../../../src/lab/world/task-scheduler.js'

function scheduler() {
  const clock = new LabClock(10_000)
  const processes = new ProcessTable(() => clock.elapsedMs)
  return { clock, processes, tasks: new TaskScheduler({ clock, processes, changes: new ChangeCounter() }) }
}

describe('the task scheduler of a simulated server', () => {
  it('starts a task once, however often it is asked while it runs', async () => {
    const { tasks } = scheduler()
    let runs = 0
    let end = (): void => undefined
    const until = new Promise<void>(done => {
      end = done
    })
    tasks.register({
      name: 'job',
      command: 'powershell.exe',
      run: async () => {
        runs += 1
        await until
        return 0
      },
    })
    const first = tasks.start('JOB')
    expect(tasks.start('job')).toBe(first)
    end()
    expect(await first?.ended).toBe(0)
    expect(runs).toBe(1)
    expect(tasks.start('nobody')).toBeUndefined()
  })

  it('repeats a task until it is taken away; what it started runs on', async () => {
    const { clock, tasks } = scheduler()
    let runs = 0
    tasks.register({ name: 'guard', command: 'powershell.exe', everyMs: 60_000, run: async () => ++runs })
    while (runs < 3) await clock.sleep(60_000)
    expect(tasks.unregister('Guard')).toBe(true)
    expect(tasks.names).toEqual([])
    const then = runs
    await clock.sleep(300_000)
    expect(runs).toBe(then)
  })

  it('starts nothing while the machine is down, and goes on after the boot', async () => {
    const { clock, tasks } = scheduler()
    let runs = 0
    tasks.register({ name: 'guard', command: 'powershell.exe', everyMs: 60_000, run: async () => ++runs })
    while (runs < 1) await clock.sleep(60_000)
    tasks.powerOff()
    const then = runs
    await clock.sleep(300_000)
    expect(runs).toBe(then)
    tasks.boot()
    while (runs === then) await clock.sleep(60_000)
  })

  it('runs at a boot what has that trigger', async () => {
    const { tasks } = scheduler()
    const ran: string[] = []
    for (const [name, atBoot] of [
      ['one', true],
      ['two', false],
    ] as const) {
      tasks.register({
        name,
        command: 'powershell.exe',
        atBoot,
        run: async () => ran.push(name),
      })
    }
    tasks.boot()
    await tasks.start('one')?.ended
    expect(ran).toEqual(['one'])
  })
})

describe('the processes of a simulated server', () => {
  it('end with their code, or with none when they are killed', async () => {
    const { clock, processes } = scheduler()
    const well = processes.start('a.exe', async () => 7)
    const killed = processes.start('b.exe', signal => clock.sleep(10 ** 9, signal).then(() => 0))
    expect(processes.find(killed.pid)).toBe(killed)
    killed.kill()
    expect(await Promise.all([well.ended, killed.ended])).toEqual([7, null])
    expect(processes.find(killed.pid)).toBeUndefined()
    expect(processes.named('B.EXE')).toEqual([])
  })
})
