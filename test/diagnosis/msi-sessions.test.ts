import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { attemptOf, frame, readOne, serviceScriptFailed, utf8, utf16 } from './log-bytes.js'

const article = '/work/shared/seed/rollup-troubleshooting-article.txt'
const engine = (text: string): string => `MSI (s) (DC:C8) [06:51:07:002]: ${text}`

describe('the outcome of an installation', () => {
  it.each([
    [0, 'succeeded'],
    [1641, 'succeeded'],
    [3010, 'succeeded'],
    [1602, 'failed'],
    [1603, 'failed'],
    [1642, 'failed'],
    [3, 'failed'],
  ])('is that of "MainEngineThread is returning %i": %s', (code, outcome) => {
    const attempt = attemptOf(readOne(utf16([...frame, engine(`MainEngineThread is returning ${code}`)])))
    expect(attempt).toMatchObject({ exitCode: code, outcome })
  })

  it.each([1612, 1618, 1625, 1635, 1642])('is failed with %i, also without any action that failed', code => {
    const { outcome, firstFailure, causes } = attemptOf(
      readOne(utf16([...frame, engine(`MainEngineThread is returning ${code}`)])),
    )
    expect({ outcome, firstFailure }).toEqual({ outcome: 'failed', firstFailure: undefined })
    expect(causes[0]?.evidence).toEqual([
      { line: frame.length + 1, text: engine(`MainEngineThread is returning ${code}`) },
    ])
  })

  it('is incomplete when the log just ends', () => {
    const attempt = attemptOf(readOne(utf16(serviceScriptFailed.slice(0, 4))))
    expect(attempt).toMatchObject({ outcome: 'incomplete', exitCode: null, causes: [] })
  })

  it.each([
    ['Product: P -- Installation failed.', 'failed'],
    ['Product: P -- Configuration completed successfully.', 'succeeded'],
  ])('is read from "%s" in a log that is not verbose', (line, outcome) => {
    const terse = [
      '=== Logging started: 6/2/2009  6:50:58 ===',
      'Action start 6:51:02: INSTALL.',
      line,
      '=== Logging stopped: 6/2/2009  6:51:07 ===',
    ]
    expect(attemptOf(readOne(utf16(terse))).outcome).toBe(outcome)
  })

  it('is found in a French and a Portuguese log, where only the code is the same', () => {
    const french = [
      ...frame,
      engine('Product: P -- L\u2019installation a \u00e9chou\u00e9.'),
      engine('MainEngineThread is returning 1603'),
    ]
    const portuguese = [
      ...frame,
      engine('Status de erro ou \u00eaxito da instala\u00e7\u00e3o: 1603.'),
      engine('MainEngineThread is returning 1603'),
    ]
    for (const log of [french, portuguese])
      expect(attemptOf(readOne(utf16(log)))).toMatchObject({ outcome: 'failed', exitCode: 1603 })
  })

  it('is told apart for each installation that was appended to one file', () => {
    const succeeded = [
      ...frame,
      engine('MainEngineThread is returning 0'),
      '=== Verbose logging stopped: 6/2/2009  7:00:00 ===',
    ]
    const file = readOne(utf16([...serviceScriptFailed, ...succeeded]))
    expect(file.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'succeeded'])
  })
})

describe('the first failure', () => {
  it('is the first return value 3, not that of the sequences around it', () => {
    expect(attemptOf(readOne(utf16(serviceScriptFailed))).firstFailure?.action).toBe('CA_SAVEDATA_STOP_SERVICES')
  })

  it('is the action that InstallFinalize ran, by the result line above', () => {
    const log = [
      ...frame,
      'Action start 6:51:02: InstallFinalize.',
      'CustomAction CA_RESTORE_SERVICES returned actual error code 1603 (note this may not be 100% accurate if translation happened inside sandbox)',
      'Action ended 6:51:06: InstallFinalize. Return value 3.',
      engine('MainEngineThread is returning 1603'),
    ]
    const { firstFailure, causes } = attemptOf(readOne(utf16(log)))
    expect(firstFailure).toEqual({ line: 5, action: 'CA_RESTORE_SERVICES', returnValue: 3 })
    expect(causes[0]?.evidence.map(({ line }) => line)).toEqual(expect.arrayContaining([4, 5]))
  })

  it('is found in a Chinese log, by time, name and last digit', () => {
    const log = [
      ...frame,
      '\u64cd\u4f5c\u7ed3\u675f 23:49:51: InstallFiles\u3002\u8fd4\u56de\u503c 3\u3002',
      engine('MainEngineThread is returning 1603'),
    ]
    expect(attemptOf(readOne(utf16(log))).firstFailure).toEqual({ line: 3, action: 'InstallFiles', returnValue: 3 })
  })

  it.each([
    ['German', 'Aktion beendet um 23:49:51: InstallFiles. R\u00fcckgabewert 3.'],
    ['French', 'Action termin\u00e9e 23:49:51 : InstallFiles. Valeur renvoy\u00e9e 3.'],
    ['French with another word for the end', 'Fin de l\u2019action 23:49:51 : InstallFiles. Valeur renvoy\u00e9e 3.'],
    ['Spanish', 'Acci\u00f3n finalizada a las 23:49:51: InstallFiles. Valor devuelto 3.'],
    ['Portuguese', 'A\u00e7\u00e3o conclu\u00edda \u00e0s 23:49:51: InstallFiles. Valor de retorno 3.'],
  ])('is found in a %s log too', (_, line) => {
    const log = [...frame, line, engine('MainEngineThread is returning 1603')]
    expect(attemptOf(readOne(utf16(log)))).toMatchObject({
      outcome: 'failed',
      exitCode: 1603,
      firstFailure: { line: 3, action: 'InstallFiles', returnValue: 3 },
    })
  })

  it('is found where the author of a page put dots or a word in the place of the time', () => {
    for (const time of ['...', 'Time:', '[Time]:']) {
      const log = [
        ...frame,
        `Action ended ${time} InstallFiles. Return value 3.`,
        engine('MainEngineThread is returning 1603'),
      ]
      expect(attemptOf(readOne(utf8(log))).firstFailure, time).toEqual({
        line: 3,
        action: 'InstallFiles',
        returnValue: 3,
      })
    }
  })

  it('is the program that a message of Windows Installer names, not the action that holds it', () => {
    const log = [
      ...frame,
      'Error 1722. There is a problem with this Windows Installer package. A program run as part of the setup did not finish as expected. Action CA_TOOL, location: C:\\x\\, command: tool.exe',
      'Action ended 6:51:06: InstallFinalize. Return value 3.',
      engine('MainEngineThread is returning 1603'),
    ]
    expect(attemptOf(readOne(utf8(log))).firstFailure).toEqual({ line: 4, action: 'CA_TOOL', returnValue: 3 })
  })

  it('is a custom action named before anything else that a log says', () => {
    const log = [
      'MyLog: CopyFile returned 2: The system cannot find the file specified.',
      'CustomAction CA_COPY returned actual error code 1603 (note this may not be 100% accurate if translation happened inside sandbox)',
      'Action ended 14:18:54: InstallExecute. Return value 3.',
    ]
    expect(attemptOf(readOne(utf8(log))).firstFailure).toEqual({ line: 3, action: 'CA_COPY', returnValue: 3 })
  })

  it('and what the client says after a terse log has stopped are one attempt', () => {
    const log = [
      'Action ended 10:57:19: ExecuteAction. Return value 3.',
      '=== Logging stopped: 7/7/2022  10:57:19 ===',
      'MSI (c) (0C:4C) [10:57:19:143]: Product: Contoso Agent -- Installation failed.',
      'MSI (c) (0C:4C) [10:57:19:143]: Windows Installer installed the product. Product Name: Contoso Agent. Product Version: 1.0. Product Language: 1033. Installation success or error status: 1603.',
    ]
    expect(readOne(utf8(log)).attempts).toMatchObject([{ exitCode: 1603, firstFailure: { line: 1 } }])
  })

  it('and the end that the client tells after the server are one attempt', () => {
    const log = [
      'MSI (s) (84:34) [12:12:03:406]: Product: Contoso Agent -- Error 1926. Could not set file security for file.',
      'MSI (s) (84:34) [12:12:03:625]: MainEngineThread is returning 1603',
      '=== Logging stopped: 3/8/2024  12:12:03 ===',
      'MSI (c) (94:E0) [12:12:03:625]: MainEngineThread is returning 1603',
    ]
    expect(readOne(utf8(log)).attempts).toMatchObject([{ outcome: 'failed', exitCode: 1603 }])
  })

  it.each([
    [
      'French',
      'Windows Installer a install\u00e9 le produit. Nom du produit : X. R\u00e9ussite de l\u2019installation ou \u00e9tat d\u2019erreur : 1603.',
    ],
    [
      'Portuguese',
      'O Windows Installer instalou o produto. Nome do Produto: X. Status de erro ou \u00eaxito da instala\u00e7\u00e3o: 1603.',
    ],
  ])('tells its outcome by the sentence about it in %s, where no more of it was copied', (_, sentence) => {
    const log = [`MSI (s) (CC:24) [17:23:02:074]: ${sentence}`]
    expect(readOne(utf8(log)).attempts).toMatchObject([{ outcome: 'failed', exitCode: 1603 }])
  })

  it('is the dialog in which somebody cancelled', () => {
    const log = [
      ...frame,
      'Action ended 6:51:06: WelcomeDlg. Return value 2.',
      'Action ended 6:51:06: INSTALL. Return value 2.',
      engine('MainEngineThread is returning 1602'),
    ]
    expect(attemptOf(readOne(utf16(log)))).toMatchObject({
      exitCode: 1602,
      firstFailure: { action: 'WelcomeDlg', returnValue: 2 },
    })
  })

  it('does not stand in a log whose installation succeeded', () => {
    const log = [
      ...frame,
      'Action ended 6:51:06: CA_OPTIONAL. Return value 3.',
      engine('MainEngineThread is returning 0'),
    ]
    expect(attemptOf(readOne(utf16(log)))).not.toHaveProperty('firstFailure')
  })
})

describe('the lines of a log', () => {
  const number = (file: ReturnType<typeof readOne>): unknown => attemptOf(file).firstFailure?.line

  it('are counted the same in UTF-16, UTF-8, with CRLF or LF, with or without a last line end', () => {
    const at = serviceScriptFailed.findIndex(line => line.includes('CA_SAVEDATA_STOP_SERVICES. Return value 3')) + 1
    const text = serviceScriptFailed.join('\r\n')
    const variants = [
      utf16(serviceScriptFailed),
      utf8(serviceScriptFailed),
      Buffer.from(text),
      Buffer.from(`\ufeff${text}`),
      Buffer.from(text, 'utf16le'),
    ]
    for (const bytes of variants) {
      const file = readOne(bytes)
      expect([number(file), file.lines]).toEqual([at, serviceScriptFailed.length])
    }
  })

  it('count a lone line feed inside a record as a line of the file', () => {
    const log = [frame[0] ?? '', `${engine('Font created.')}\n`, ...serviceScriptFailed.slice(1)]
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(log.join('\r\n'), 'utf16le')])
    const at =
      log
        .join('\r\n')
        .split('\n')
        .findIndex(line => line.includes('CA_SAVEDATA_STOP_SERVICES. Return value 3')) + 1
    expect(number(readOne(bytes))).toBe(at)
  })
})

describe.skipIf(!existsSync(article))("the article's own excerpts (skipped without the article)", () => {
  it('are three cases, each with its own outcome', () => {
    const file = readOne(readFileSync(article), join('a', 'article.txt'))
    expect(file.attempts).toMatchObject([
      { outcome: 'failed', firstFailure: { action: 'CA_SAVEDATA_STOP_SERVICES', returnValue: 3 } },
      { outcome: 'failed', exitCode: 1603, kb: 'KB952580' },
      { outcome: 'failed', exitCode: 1635, product: 'Microsoft Exchange Server' },
    ])
    const first = file.attempts[0]?.firstFailure?.line ?? 0
    expect(readFileSync(article, 'utf8').split('\n')[first - 1]).toContain('CA_SAVEDATA_STOP_SERVICES. Return value 3.')
  })
})
