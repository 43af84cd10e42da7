import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { stderrWords } from '../../src/powershell/clixml.js'
import { callLine } from '../../src/scripts/bootstrap.js'
import { encodeCall } from '../../src/scripts/call.js'
import { missingHostReason, powershells, runPowerShell } from './host.js'

const reason = missingHostReason()

function encoded(script: string): string[] {
  return [
    '-NoLogo',
    '-NoProfile',
    '-NonInteractive',
    '-EncodedCommand',
    Buffer.from(script, 'utf16le').toString('base64'),
  ]
}

describe.skipIf(reason !== '')(
  reason === '' ? 'what stands in for powershell.exe' : `the PowerShell host (skipped: ${reason})`,
  () => {
    describe.each(powershells())('$name', ({ program }) => {
      const run = (args: string[], stdin = '') => runPowerShell(program, args, { stdin })

      it('ends with the code that the script gives to exit, all 32 bits where the platform has them', async () => {
        expect((await run(encoded('exit 5'))).exitCode).toBe(5)
        expect((await run(encoded('exit 0'))).exitCode).toBe(0)
      })

      it('ends with 1 after an error that nobody caught, and says it on stderr', async () => {
        const { exitCode, stderr } = await run(encoded("throw 'something broke'"))
        expect(exitCode).toBe(1)
        expect(stderrWords(stderr)).toContain('something broke')
      })

      it('writes what the pipeline gives, a line each', async () => {
        expect((await run(encoded("'one'; 2"))).stdout.split(/\r?\n/)).toEqual(['one', '2', ''])
      })

      it('pumps stdin into $input', async () => {
        expect((await run(encoded("@($input) -join '+'"), 'a\nb\n')).stdout.trim()).toBe('a+b')
      })

      it('leaves stdin to the script with -InputFormat None', async () => {
        const args = encoded('[Console]::In.ReadLine(); [Console]::In.ReadLine()')
        expect((await run(['-InputFormat', 'None', ...args], 'a\nb\n')).stdout.split(/\r?\n/)).toEqual(['a', 'b', ''])
      })

      it('refuses a call that was damaged on its way', async () => {
        const { line, stdin } = encodeCall('Get-BootState', {})
        expect(line).toBe(callLine)
        const words = line.split(' ').slice(1)
        const { exitCode, stdout } = await run(
          words,
          stdin.replace(/^sha256 ./m, found => `sha256 ${found.endsWith('0') ? '1' : '0'}`),
        )
        expect(exitCode).toBe(1)
        expect(JSON.parse(stdout)).toMatchObject({
          ok: false,
          error: { code: 'CALL_DAMAGED', message: 'the script was changed on its way' },
        })
        expect(JSON.parse((await run(words, stdin.replace('end\n', ''))).stdout)).toMatchObject({
          error: { code: 'CALL_DAMAGED', message: 'the call ends early' },
        })
      })

      it('gives the script its arguments as they were sent, lists as lists', async () => {
        const script =
          "param([string]$One = '', [string[]]$Many = @())\n[Console]::Out.WriteLine($One + '|' + $Many.Length + '|' + [string]::Join(',', $Many))"
        const text = (value: string) => Buffer.from(value, 'utf8').toString('base64')
        const sha256 = createHash('sha256').update(script).digest('hex')
        const call = [
          'exroll/1 Test',
          `sha256 ${sha256}`,
          `script ${text(script)}`,
          `arg One ${text('it\'s "$x" `n caf\u00e9')}`,
          `arg Many ${text('a b')}`,
          `arg Many ${text('c')}`,
          'end',
          '',
        ].join('\n')
        const { stdout } = await run(callLine.split(' ').slice(1), call)
        expect(stdout.trim()).toBe('it\'s "$x" `n caf\u00e9|2|a b,c')
      })
    })
  },
)
