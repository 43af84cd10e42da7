import { describe, expect, it } from 'vitest'
import { autoUi, dashboardOptions } from '../../../src/output/dashboard/options.js'

describe('dashboardOptions', () => {
  it.each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
    [{ NO_COLOR: '' }, true],
    [{ TERM: 'dumb' }, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '0' }, false],
  ])('with %j colours are %s', (env, color) => {
    expect(dashboardOptions(env).color).toBe(color)
  })

  it.each([
    [{ LANG: 'en_US.UTF-8' }, false],
    [{ LANG: 'C' }, true],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'POSIX' }, true],
    [{ LC_ALL: '', LANG: 'de_DE.utf8' }, false],
    [{}, true],
    [{ WT_SESSION: 'x' }, false],
    [{ LANG: 'en_US.UTF-8', TERM: 'linux' }, true],
  ])('with %j signs in ASCII are %s', (env, ascii) => {
    expect(dashboardOptions(env).ascii).toBe(ascii)
  })

  it.each([
    [{ INK_SCREEN_READER: 'true' }, true],
    [{ EXROLL_ACCESSIBLE: '1' }, true],
    [{ EXROLL_ACCESSIBLE: '0' }, false],
    [{}, false],
  ])('with %j words for a screen reader are %s', (env, screenReader) => {
    expect(dashboardOptions(env).screenReader).toBe(screenReader)
  })
})

describe('autoUi', () => {
  const terminals = { stdinIsTerminal: true, stderrIsTerminal: true }

  it.each([
    [{ ...terminals, env: {} }, 'dashboard'],
    [{ ...terminals, stdinIsTerminal: false, env: {} }, 'plain'],
    [{ ...terminals, stderrIsTerminal: false, env: {} }, 'plain'],
    [{ ...terminals, env: { CI: 'true' } }, 'plain'],
    [{ ...terminals, env: { CI: 'false' } }, 'dashboard'],
    [{ ...terminals, env: { TERM: 'dumb' } }, 'plain'],
  ])('for %j is %s', (input, ui) => {
    expect(autoUi(input)).toBe(ui)
  })
})
