import { EventEmitter } from 'node:events'
import { Writable } from 'node:stream'
import type { ReadStream } from 'node:tty'
import { describe, expect, it } from 'vitest'
import { terminalPrompt } from '../../src/secrets/terminal-prompt.js'

class Terminal extends EventEmitter {
  isTTY = true
  isRaw = false
  reading = false
  setRawMode(raw: boolean): this {
    this.isRaw = raw
    return this
  }
  resume(): this {
    this.reading = true
    return this
  }
  pause(): this {
    this.reading = false
    return this
  }
}

function sit(signal?: AbortSignal) {
  const terminal = new Terminal()
  let shown = ''
  const output = new Writable({
    write(chunk, _encoding, done) {
      shown += chunk
      done()
    },
  })
  const prompt = terminalPrompt(terminal as unknown as ReadStream, output, signal)
  if (prompt === undefined) throw new Error('a terminal gives a prompt')
  return {
    terminal,
    prompt,
    shown: () => shown,
    type: (text: string | Buffer) => terminal.emit('data', Buffer.from(text)),
  }
}

const settled = () => new Promise(resolve => setImmediate(resolve))

describe('terminalPrompt', () => {
  it('reads a line without showing it, and leaves the terminal as it was', async () => {
    const { terminal, prompt, shown, type } = sit()
    const answer = prompt('Password for ops')
    await settled()
    expect(terminal).toMatchObject({ isRaw: true, reading: true })
    const bytes = Buffer.from('hünter2')
    for (const byte of bytes) type(Buffer.of(byte))
    type('\r')
    expect(await answer).toBe('hünter2')
    expect(shown()).toBe('Password for ops: \n')
    expect(terminal).toMatchObject({ isRaw: false, reading: false })
    expect(terminal.listenerCount('data')).toBe(0)
  })

  it('takes back a character at a time', async () => {
    const { prompt, type } = sit()
    const answer = prompt('Password')
    await settled()
    type('ab🜚\u007f\u007fc\u007f\u007f\u007f\u007fx\n')
    expect(await answer).toBe('x')
  })

  it.for(['\u0003', '\u0004'])('gives up on %j', async key => {
    const { terminal, prompt, type } = sit()
    const answer = prompt('Password').catch(error => error)
    await settled()
    type(`half a secret${key}`)
    expect(await answer).toMatchObject({ code: 'SECRET_NOT_GIVEN', exitCode: 3 })
    expect(terminal.isRaw).toBe(false)
  })

  it('asks one after the other', async () => {
    const { prompt, shown, type } = sit()
    const answers = [prompt('First'), prompt('Second')]
    await settled()
    expect(shown()).toBe('First: ')
    type('one\n')
    expect(await answers[0]).toBe('one')
    await settled()
    type('two\n')
    expect(await answers[1]).toBe('two')
  })

  it('is none where there is no terminal', () => {
    const terminal = new Terminal()
    terminal.isTTY = false
    expect(terminalPrompt(terminal as unknown as ReadStream, new Writable())).toBeUndefined()
  })

  it('gives the terminal back when the question is withdrawn, also one that waits its turn', async () => {
    const withdrawn = new AbortController()
    const { terminal, prompt } = sit(withdrawn.signal)
    const answers = [prompt('Password for a'), prompt('Password for b')]
    await Promise.resolve()
    withdrawn.abort()
    for (const answer of answers) await expect(answer).rejects.toMatchObject({ code: 'SECRET_NOT_GIVEN' })
    expect(terminal).toMatchObject({ isRaw: false, reading: false })
  })
})
