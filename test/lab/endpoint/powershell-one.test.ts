import { describe, expect, it } from 'vitest'
import { playPowerShellOne } from '../../../src/lab/endpoint/powershell-one.js'
import { callLine } from '../../../src/scripts/bootstrap.js'

function play(text: string) {
  return playLine(`powershell.exe -NoProfile -EncodedCommand ${Buffer.from(text, 'utf16le').toString('base64')}`)
}

function playLine(line: string) {
  let stdout = ''
  let stderr = ''
  const take = (data: Uint8Array | string) => Buffer.from(data).toString()
  const exitCode = playPowerShellOne({
    line,
    stdout: data => {
      stdout += take(data)
    },
    stderr: data => {
      stderr += take(data)
    },
  })
  return { exitCode, stdout, stderr }
}

describe('PowerShell 1.0 of a simulated server', () => {
  it('answers a call of exroll with what has to be installed', () => {
    const { exitCode, stdout, stderr } = playLine(callLine)
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'POWERSHELL_VERSION' } })
  })

  it('does what it knows: literals, output, a block over what is not there, exit', () => {
    const text =
      "$a='x'\nif($A -eq $null){[Console]::Out.WriteLine('no {')}\nif($b -eq $null){[Console]::Out.WriteLine('it''s');exit 7}\nexit 0"
    expect(play(text)).toEqual({ exitCode: 7, stdout: "it's\r\n", stderr: '' })
    expect(play('')).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })

  it.each([
    ['try', 'try{\nexit 0\n}catch{\nexit 1\n}', "The term 'try{' is not recognized"],
    [
      'splatting, also where it would never get to it',
      "exit 0\n& ([scriptblock]::Create('x')) @a",
      'Unrecognized token',
    ],
    ['a block without its end', "$a='x'\nif($a -eq $null){exit 0", 'Missing closing'],
  ])('ends with an error at %s', (_, text, words) => {
    const { exitCode, stdout, stderr } = play(text)
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toContain(words)
  })
})
