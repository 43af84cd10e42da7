import { describe, expect, it } from 'vitest'
import { attemptOf, readOne, utf8 } from './log-bytes.js'

const text = (id: number, description: string): string[] => [
  'Event Type: Error',
  'Event Source: MsiInstaller',
  `Event ID: ${id}`,
  'Description:',
  description,
  '',
]
const rollup = 'Update Rollup 4 for Exchange Server 2007 Service Pack 1 (KB952580) 8.1.311.3'
const failed = `Product: Microsoft Exchange Server - Update '${rollup}' could not be installed. Error code 1603.`

describe('events of the installer', () => {
  it.each([1023, 1024])('tell a failure by their words, whichever of the numbers they have: %i', id => {
    const file = readOne(utf8(text(id, failed)))
    expect(file.kind).toBe('events')
    expect(attemptOf(file)).toMatchObject({
      outcome: 'failed',
      exitCode: 1603,
      product: 'Microsoft Exchange Server',
      update: rollup,
      kb: 'KB952580',
    })
  })

  it('have the outcome only: without a cause they say which log to fetch and how to make it', () => {
    const { causes } = attemptOf(readOne(utf8(text(1024, failed))))
    expect(causes[0]).toMatchObject({ id: 'unknown', evidence: expect.arrayContaining([{ line: 5, text: failed }]) })
    expect(causes[0]?.remedy.join(' ')).toContain('/lxv*')
  })

  it('tell a success', () => {
    const log = text(1022, `Product: Microsoft Exchange Server - Update '${rollup}' installed successfully.`)
    expect(attemptOf(readOne(utf8(log)))).toMatchObject({
      outcome: 'succeeded',
      exitCode: 0,
      kb: 'KB952580',
      causes: [],
    })
  })

  it('are read from XML too', () => {
    const xml = `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="MsiInstaller"/><EventID>1024</EventID></System><EventData><Data>${failed}</Data></EventData></Event>`
    expect(attemptOf(readOne(utf8(['<Events>', xml, '</Events>'])))).toMatchObject({
      outcome: 'failed',
      exitCode: 1603,
    })
  })
})
