import { describe, expect, it } from 'vitest'
import { firstLines, stderrWords } from '../../src/powershell/clixml.js'

const objs = (inner: string, end = '</Objs>') =>
  `#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">${inner}${end}`
const progress =
  '<Obj S="progress" RefId="0"><TN RefId="0"><T>System.Object</T></TN><MS><I64 N="SourceId">1</I64><S N="Activity">Copying</S></MS></Obj>'
const errorObject =
  '<Obj S="Error" RefId="1"><TN RefId="1"><T>System.Management.Automation.ErrorRecord</T></TN><ToString>Nothing &lt;here&gt;</ToString>' +
  '<MS><Obj N="Exception" RefId="2"><ToString>System.Exception: Nothing</ToString></Obj></MS></Obj>'

describe('the words on stderr', () => {
  it('are looked for in the beginning of what has no end', () => {
    expect(stderrWords(`${objs('<S S="Error">first</S>')}${'<Obj S="Error"'.repeat(8_000_000)}`)).toContain('first')
  })

  it.for<[string, string, string]>([
    ['plain text', 'net.exe: no\r\n', 'net.exe: no\r\n'],
    ['colours', '\u001B[91mred\u001B[0m', 'red'],
    ['nothing in CLIXML', objs(''), ''],
    ['progress alone', objs(progress), ''],
    [
      'an error in two lines',
      objs('<S S="Error">one_x000D__x000A_</S><S S="Error">two_x000D__x000A_</S>'),
      'one\r\ntwo\r\n',
    ],
    ['an error behind progress', objs(`${progress}<S S="Error">one_x000D__x000A_</S>`), 'one\r\n'],
    ['warnings, each on a line', objs('<S S="warning">w1</S><S S="warning">w2</S>'), 'w1\nw2\n'],
    ['errors as objects', objs(`${errorObject}${progress}${errorObject}`), 'Nothing <here>\nNothing <here>\n'],
    ['streams that are no trouble', objs('<S S="verbose">v</S><S S="debug">d</S><S S="Output">o</S>'), ''],
    ['two blocks', `${objs('<S S="Error">a_x000A_</S>')}\r\n${objs('<S S="Error">b_x000A_</S>')}`, 'a\nb\n'],
    ['a block in a block', `#< CLIXML\r\n${objs('<S S="Error">a_x000A_</S>')}`, 'a\n'],
    ['text around a block', `before\n${objs('<S S="Error">a_x000A_</S>')}after`, 'before\na\nafter'],
    ['a block whose end is missing', objs(`${progress}<S S="Error">half of`, ''), 'half of'],
    ['a marker with nothing but text', '#< CLIXML\r\nOut of memory.', 'Out of memory.'],
    ['characters of two units', objs('<S S="Error">_xD83D__xDE00_ möglich</S>'), '\u{1F600} möglich'],
    ['an escape that is meant as text', objs('<S S="Error">_x005F_x000D_ _x_ _x12_</S>'), '_x000D_ _x_ _x12_'],
    ['references', objs('<S S="Error">&amp;lt; &lt;a&gt; &quot;&apos;</S>'), '&lt; <a> "\''],
  ])('%s', ([, stderr, words]) => {
    expect(stderrWords(stderr)).toBe(words)
  })

  it('come down to the first lines with something in them', () => {
    expect(firstLines('\r\n  a \r\n\r\nb\nc\n', 2)).toBe('a; b')
  })
})
