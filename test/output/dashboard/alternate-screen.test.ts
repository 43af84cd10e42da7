import { describe, expect, it } from 'vitest'
import { enterAlternateScreen } from '../../../src/output/dashboard/alternate-screen.js'
import { isTerminal } from '../../../src/output/dashboard/terminal.js'
import { FakeKeyboard, FakeTerminal } from './fake-terminal.js'

function entered() {
  const terminal = new FakeTerminal(40, 10)
  terminal.write('before\r\n')
  const keyboard = new FakeKeyboard()
  if (!isTerminal(terminal)) throw new Error('it says that it is one')
  const giveBack = enterAlternateScreen(terminal, keyboard)
  keyboard.setRawMode(true)
  return { terminal, keyboard, giveBack }
}

describe('the alternate screen', () => {
  it('is taken and given back once, with the cursor and the keyboard', async () => {
    const { terminal, keyboard, giveBack } = entered()
    await terminal.settled()
    expect(terminal.onAlternateScreen).toBe(true)
    expect(terminal.cursorShown).toBe(false)
    giveBack()
    const { raw } = terminal
    giveBack()
    await terminal.settled()
    expect(terminal.raw).toBe(raw)
    expect(terminal.onAlternateScreen).toBe(false)
    expect(terminal.cursorShown).toBe(true)
    expect(keyboard.isRaw).toBe(false)
    expect(terminal.screen()[0]).toBe('before')
  })

  it('is given back before Node prints an error that nobody caught', async () => {
    const { terminal, keyboard } = entered()
    const listeners = process.listeners('uncaughtExceptionMonitor')
    const last = listeners.at(-1)
    last?.(new Error('a bug'), 'uncaughtException')
    await terminal.settled()
    expect(terminal.onAlternateScreen).toBe(false)
    expect(keyboard.isRaw).toBe(false)
    expect(process.listeners('uncaughtExceptionMonitor')).not.toContain(last)
  })

  it('is given back when the process ends', async () => {
    const { terminal } = entered()
    process.listeners('exit').at(-1)?.(0)
    await terminal.settled()
    expect(terminal.onAlternateScreen).toBe(false)
  })
})
