import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCall, encodeCall } from '../../src/scripts/call.js'
import { type ScriptName, scriptParameters } from '../../src/scripts/catalog.js'
import { scriptHash } from '../../src/scripts/load.js'

/** Any text that UTF-8 can hold, weighted towards what shells and parsers trip over. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '"',
      "'",
      '`',
      '$',
      '(',
      ')',
      '\n',
      '\r',
      ' ',
      ';',
      '%',
      '\\',
      '|',
      '<',
      'é',
      '漢',
      '\u{1F4A9}',
    ),
  }),
)
const ofType = {
  string: text,
  int: fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
  flag: fc.boolean(),
  strings: fc.array(text, { maxLength: 4 }),
}

const anyCall = fc.constantFrom(...(Object.keys(scriptParameters) as ScriptName[])).chain(name => {
  const parameters = Object.entries(scriptParameters[name])
  return fc.record({
    name: fc.constant(name),
    args: fc.record(Object.fromEntries(parameters.map(([key, type]) => [key, ofType[type as keyof typeof ofType]]))),
  })
})

describe('a call on the wire', () => {
  it('comes back as it was sent, whatever its values hold', () => {
    fc.assert(
      fc.property(anyCall, ({ name, args }) => {
        const call = encodeCall(name, args as never)
        const back = decodeCall(call.stdin)
        expect(back.name).toBe(name)
        expect(back.args).toEqual(args)
        expect(back.sha256).toBe(call.sha256)
      }),
      { numRuns: 200 },
    )
  })

  it('is ASCII, with a command line that is the same for every call and fits cmd.exe', () => {
    const one = encodeCall('New-Snapshot', { Run: 'r', Accounts: ['S-1-5-18', 'é漢'], Defaults: [], Before: '' })
    const other = encodeCall('Get-BootState', {})
    expect(one.stdin).toMatch(/^[\x20-\x7E\n]*$/)
    expect(one.line).toBe(other.line)
    expect(one.line).toMatch(
      /^powershell\.exe -NoLogo -NoProfile -NonInteractive -InputFormat None -EncodedCommand [\w+/=]+$/,
    )
    expect(one.line.length).toBeLessThan(8191)
  })

  it('carries the whole script with its hash', () => {
    const call = encodeCall('Get-BootState', {})
    const back = decodeCall(call.stdin)
    expect(back.sha256).toBe(scriptHash('Get-BootState'))
    expect(back.scriptText).not.toContain('$PSScriptRoot')
  })

  it.each([
    [
      'a changed script',
      (s: string) => s.replace(/^script .{8}/m, m => `script ${m.slice(7) === 'AAAAAAAA' ? 'BBBBBBBB' : 'AAAAAAAA'}`),
    ],
    ['a lost end', (s: string) => s.slice(0, -4)],
    ['a cut value', (s: string) => s.replace(/^(arg Run .*)=$/m, '$1')],
    ['an argument it does not have', (s: string) => s.replace('arg Run', 'arg Ruin')],
    ['an argument twice', (s: string) => s.replace(/^(arg Run .*)$/m, '$1\n$1')],
    ['a missing argument', (s: string) => s.replace(/^arg Run .*\n/m, '')],
    ['a number that is none', (s: string) => s.replace(/^(arg DelaySeconds) .*$/m, `$1 ${btoa('5; rm')}`)],
    ['another script name', (s: string) => s.replace('exroll/1 Restart-Server', 'exroll/1 Remove-Everything')],
    ['more after the end', (s: string) => `${s}arg Run eA==\n`],
  ])('is refused with %s', (_, damage) => {
    const { stdin } = encodeCall('Restart-Server', { Run: 'r1', DelaySeconds: 5 })
    expect(damage(stdin)).not.toBe(stdin)
    expect(() => decodeCall(damage(stdin))).toThrow()
  })

  it('is not made from arguments of the wrong shape', () => {
    expect(() => encodeCall('Restart-Server', { Run: 'r', DelaySeconds: 1.5 })).toThrow('DelaySeconds must be int')
    expect(() => encodeCall('Restart-Server', { Run: 'r' } as never)).toThrow('needs the argument DelaySeconds')
    expect(() => encodeCall('Get-BootState', { Run: 'r' } as never)).toThrow('has no argument Run')
  })
})
