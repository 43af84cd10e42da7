import { PassThrough, Writable } from 'node:stream'
import { setTimeout as passed } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/events/event.js'
import type { Wish } from '../../../src/events/wish.js'
import { showDashboard } from '../../../src/output/dashboard/show-dashboard.js'
import { readWords } from '../../../src/output/dashboard/words.js'
import { fleetJournal, serverName, upTo } from './fleet-journal.js'
import { modelOf } from './frame-at.js'

const failing = serverName(2)
const events = upTo(fleetJournal({ servers: 10, troubles: { [failing]: 'missing-cached-patch' } }), 0.6)
const { run } = modelOf(events)
const read = (line: string, control = true) => readWords(line, { run, now: 0, control })

describe('typed words', () => {
  it.each(['pause', 'resume', 'abort', 'leave'] as const)('"%s" is a wish', action => {
    expect(read(`  ${action} `)).toEqual({ do: 'ask', wish: { action } })
  })

  it.each(['retry', 'skip', 'restore'] as const)('"%s" names a server of the run', action => {
    expect(read(`${action} ${failing}`)).toEqual({ do: 'ask', wish: { action, server: failing } })
    expect(read(action).do).toBe('say')
    expect(read(`${action} nobody`)).toMatchObject({ do: 'say', lines: [expect.stringContaining('no server nobody')] })
  })

  it('acts on nothing where nothing can be asked', () => {
    expect(read('pause', false).do).toBe('say')
    expect(read(`retry ${failing}`, false).do).toBe('say')
  })

  it('says how the run stands in words, with the cause and the remedy of every failure', () => {
    const status = read('status')
    const text = status.do === 'say' ? status.lines.join('\n') : ''
    expect(text).toMatch(/\d+ percent, \d+ of 10 servers ended/)
    expect(text).toContain(`${failing}: FAILED, missing-cached-patch`)
    expect(text).toContain('do this: exroll run')
  })

  it('helps with any other word', () => {
    expect(read('what')).toMatchObject({ do: 'say', lines: [expect.stringContaining('retry SERVER')] })
  })
})

describe('the dashboard for a screen reader', () => {
  it('writes lines, draws nothing over, and takes words', async () => {
    let text = ''
    const out = new Writable({
      write(chunk, _, done) {
        text += String(chunk)
        done()
      },
    })
    const keyboard = new PassThrough()
    const wishes: Wish[] = []
    async function* source(): AsyncGenerator<readonly RunEvent[]> {
      yield events
      await new Promise(() => {})
    }
    const result = showDashboard({
      events: source(),
      control: {
        async ask(wish) {
          wishes.push(wish)
          return { granted: false, why: 'not now' }
        },
      },
      stdin: keyboard,
      stderr: out,
      stdout: out,
      options: { ascii: true, color: false, screenReader: true, fps: 10, atEnd: 'leave' },
      folder: '/runs/r',
    })
    keyboard.write(`retry ${failing}\n`)
    while (wishes.length === 0) await passed(10)
    keyboard.write('status\n')
    while (!text.includes('percent')) await passed(10)
    keyboard.write('quit\n')
    expect((await result).end).toBe('detached')
    expect(wishes).toEqual([{ action: 'retry', server: failing }])
    expect(text).toContain('retry: not now')
    expect(text).not.toContain('\u001b')
  })
})
