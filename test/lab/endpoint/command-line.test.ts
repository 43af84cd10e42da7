import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { lineAfterC } from '../../../src/lab/endpoint/cmd-syntax.js'
import { runCommandLine } from '../../../src/lab/endpoint/command-line.js'
import { MemoryHost } from './memory-host.js'

interface Ended {
  code: number
  stdout: string
  stderr: string
}

describe('the command line of a simulated server', () => {
  let host: MemoryHost

  const run = async (line: string, stdin = '', signal = new AbortController().signal): Promise<Ended> => {
    const out: Buffer[] = []
    const err: Buffer[] = []
    const code = await runCommandLine(host, {
      line,
      stdin: (async function* () {
        if (stdin !== '') yield Buffer.from(stdin)
      })(),
      stdout: data => void out.push(Buffer.from(data)),
      stderr: data => void err.push(Buffer.from(data)),
      signal,
    })
    return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }
  }

  beforeEach(() => {
    host = new MemoryHost()
    host.files.makeFolder('C:\\data')
    host.files.write('C:\\data\\a b.txt', Buffer.from('one\r\ntwo äö\r\nthree\r\n'))
    host.files.write('C:\\data\\x.msp', new Uint8Array(1234567))
  })

  it.each([
    ['echo hello', 'hello\r\n'],
    ['echo a & echo b', 'a \r\nb\r\n'],
    ['echo "a & b"', '"a & b"\r\n'],
    ['echo a ^& b', 'a & b\r\n'],
    ['echo.', '\r\n'],
    ['echo', 'ECHO is on.\r\n'],
    ['echo äöü ✓ $HOME `x`', 'äöü ✓ $HOME `x`\r\n'],
    ['echo %COMPUTERNAME% %NOSUCH%', 'EX-TEST-01 %NOSUCH%\r\n'],
    ['cd C:\\data&cd', 'C:\\data\r\n'],
    ['cd /d c:/DATA/../windows&cd', 'C:\\windows\r\n'],
    ['hostname', 'ex-test-01\r\n'],
    ['whoami', 'contoso\\exadmin\r\n'],
    ['type "C:\\data\\a b.txt"', 'one\r\ntwo äö\r\nthree\r\n'],
    ['type "C:\\data\\a b.txt" | findstr t', 'two äö\r\nthree\r\n'],
    ['type "C:\\data\\a b.txt" | findstr /v /c:"two ä"', 'one\r\nthree\r\n'],
    ['findstr /i "^TH" < "C:\\data\\a b.txt"', 'three\r\n'],
    ['dir /b C:\\data', 'a b.txt\r\nx.msp\r\n'],
    ['dir /s/b C:\\data', 'C:\\data\\a b.txt\r\nC:\\data\\x.msp\r\n'],
    ['dir /b C:\\data\\*.msp', 'x.msp\r\n'],
    ['cmd /c "echo inner & exit 4" & echo after', 'inner \r\nafter\r\n'],
    ['cmd.exe /d /c echo plain', 'plain\r\n'],
    ['C:\\Windows\\System32\\hostname.exe', 'ex-test-01\r\n'],
    ['set a=5&set A', 'A=5\r\n'],
    ['hostname > nul & echo left', 'left\r\n'],
  ])('%s', async (line, stdout) => {
    expect(await run(line)).toEqual({ code: 0, stdout, stderr: '' })
  })

  it.each([
    ['"echo a& echo b"', 'echo a& echo b'],
    ['"hostname"', 'hostname'],
    ['"C:\\Program Files\\x.exe" "a b"', 'C:\\Program Files\\x.exe" "a b'],
    ['"C:\\Program Files\\x.exe" /a', '"C:\\Program Files\\x.exe" /a'],
    ['"C:\\Program Files\\x.exe" & echo b', 'C:\\Program Files\\x.exe & echo b'],
    ['echo "a b"', 'echo "a b"'],
    ['"', '"'],
  ])('after /c %s is %s', (line, run) => {
    expect(lineAfterC(line)).toBe(run)
  })

  it.each([
    ['exit 5', 5],
    ['exit /b 7', 7],
    ['exit -1', 0xffffffff],
    ['exit 2147944003', 0x80070643],
    ['exit -2147023293', 0x80070643],
    ['exit 0x80070643', 0x80070643],
    ['exit 3 & exit 4', 3],
    ['cmd /c exit 6', 6],
    ['cmd /c exit 6 & exit', 6],
    ['nosuch && exit 1 || exit 2', 2],
    ['hostname && exit 1 || exit 2', 1],
    ['nosuch', 1],
  ])('%s ends with %i', async (line, code) => {
    expect((await run(line)).code).toBe(code)
  })

  it('sends a stream to the other one', async () => {
    expect(await run('echo oops 1>&2')).toEqual({ code: 0, stdout: '', stderr: 'oops \r\n' })
    expect(await run('nosuch 2>&1')).toMatchObject({ stderr: '' })
    expect(await run('nosuch 2>nul')).toEqual({ code: 1, stdout: '', stderr: '' })
    expect(await run('nosuch > nul 2>&1')).toEqual({ code: 1, stdout: '', stderr: '' })
  })

  it('writes and appends what a line sends to a file, and reads it back', async () => {
    await run('echo one>C:\\data\\new.txt&echo two>>C:\\data\\new.txt')
    expect(Buffer.from(host.files.read('C:\\data\\new.txt')).toString()).toBe('one\r\ntwo\r\n')
    expect((await run('echo x > C:\\no\\such\\folder.txt')).stderr).toContain('cannot find the path')
  })

  it('says in the words of cmd.exe what is not there', async () => {
    expect((await run('nosuch.exe /x')).stderr).toBe(
      "'nosuch.exe' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n",
    )
    expect(await run('type C:\\nowhere.txt')).toMatchObject({ code: 1, stderr: /cannot find the file/ })
    expect(await run('cd C:\\nowhere')).toMatchObject({ code: 1, stderr: /cannot find the path/ })
    expect(await run('dir C:\\nowhere\\at\\all')).toMatchObject({ code: 1, stderr: /File Not Found/ })
  })

  it('lists a folder in the columns of dir', async () => {
    const { stdout } = await run('dir c:/data')
    expect(stdout).toContain(' Directory of C:\\data\r\n')
    expect(stdout).toContain('11/23/2026  09:00 PM         1,234,567 x.msp\r\n')
    expect(stdout).toContain('2 File(s)      1,234,589 bytes\r\n')
  })

  it('passes stdin on with findstr "^" and more', async () => {
    for (const line of ['findstr "^"', 'more']) expect((await run(line, 'a\nb ✓')).stdout).toBe('a\nb ✓')
  })

  it('hashes a file as certutil of that age prints it', async () => {
    const digest = createHash('sha256').update(host.files.read('C:\\data\\x.msp')).digest('hex')
    const { code, stdout } = await run('certutil -hashfile C:\\data\\x.msp SHA256')
    expect(code).toBe(0)
    expect(stdout.split('\r\n')[1]?.replaceAll(' ', '')).toBe(digest)
    expect((await run('certutil -hashfile C:\\nowhere SHA256')).code).toBe(0x80070002)
  })

  it('makes and removes folders and files', async () => {
    await run('mkdir C:\\data\\deep\\er & echo x>C:\\data\\deep\\er\\f.txt')
    expect(host.files.stat('C:\\data\\deep\\er\\f.txt')?.bytes).toBe(3)
    expect((await run('rmdir C:\\data\\deep')).stderr).toContain('not empty')
    expect(await run('del C:\\data\\*.msp & rmdir /s /q C:\\data\\deep')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(host.files.list('C:\\data').map(entry => entry.name)).toEqual(['a b.txt'])
  })

  it('stops waiting when it is told to', async () => {
    const controller = new AbortController()
    const ended = run('ping -n 600 127.0.0.1 >nul & echo never', '', controller.signal)
    controller.abort()
    expect(await ended).toEqual({ code: 1, stdout: '', stderr: '' })
  })

  it('says plainly that it has no PowerShell of its own', async () => {
    expect(await run('powershell -Command Get-Date')).toMatchObject({ code: 1, stderr: /no PowerShell/ })
  })

  it("hands exroll's own PowerShell lines to the server from an inner cmd only, never in a circle", async () => {
    const lines: string[] = []
    host.exec = async channel => {
      lines.push(channel.line)
      return 42
    }
    expect((await run('cmd /c powershell.exe -NoProfile -EncodedCommand AAAA')).code).toBe(42)
    expect(lines).toEqual(['powershell.exe -NoProfile -EncodedCommand AAAA'])
    expect((await run('powershell.exe -NoProfile -EncodedCommand AAAA')).code).toBe(1)
    expect(lines).toHaveLength(1)
  })
})
