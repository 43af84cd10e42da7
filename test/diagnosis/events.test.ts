import { describe, expect, it } from 'vitest'
import { rules } from '../../src/diagnosis/rules/index.js'
import { attemptOf, diagnoseWith, readOne, utf8 } from './log-bytes.js'

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

  it.each([
    ['a line each', '\n'],
    ['all on one line', ''],
  ])('are read from XML that has their values only, %s', (_, between) => {
    const event = (provider: string, id: number, ...data: string[]): string =>
      `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='${provider}'/><EventID Qualifiers='0'>${id}</EventID></System><EventData>${data.map(value => `<Data>${value}</Data>`).join('')}</EventData></Event>`
    const failure = [event('MsiInstaller', 1024, 'Microsoft Exchange Server', rollup, '1603', '(NULL)')].join(between)
    expect(attemptOf(readOne(utf8([failure])))).toMatchObject({
      outcome: 'failed',
      exitCode: 1603,
      kb: 'KB952580',
      update: rollup,
    })
    const after = [
      event('MsiInstaller', 1022, 'Microsoft Exchange Server', rollup, '0'),
      event('Service Control Manager', 7009, '30000', 'Microsoft Exchange Transport'),
      event('Service Control Manager', 7040, 'World Wide Web Publishing Service', 'auto start', 'disabled', 'W3SVC'),
      event('Service Control Manager', 7040, 'Windows Management Instrumentation', 'auto start', 'disabled', 'WinMgmt'),
      event('Service Control Manager', 7040, 'Windows Management Instrumentation', 'disabled', 'auto start', 'WinMgmt'),
    ].join(between)
    const { files } = diagnoseWith(rules, [{ path: 'events.xml', bytes: utf8([after]) }])
    expect(files[0]?.attempts[0]).toMatchObject({ outcome: 'succeeded', exitCode: 0 })
    expect(files[0]?.attempts[0]?.causes.map(({ id, title }) => `${id}: ${title}`)).toEqual([
      'services-not-started: These services timed out when they were started: Microsoft Exchange Transport',
      'services-disabled: These services were set to disabled and not back: World Wide Web Publishing Service',
    ])
  })

  it('are read from CSV as the Event Viewer saves it', () => {
    const csv = [
      'Level,Date and Time,Source,Event ID,Task Category',
      `Error,6/2/2009 6:57:10 AM,MsiInstaller,1024,None,"${failed}"`,
    ]
    const file = readOne(utf8(csv))
    expect(file.kind).toBe('events')
    expect(attemptOf(file)).toMatchObject({ outcome: 'failed', exitCode: 1603, kb: 'KB952580' })
  })

  it('are read from XML too', () => {
    const xml = `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="MsiInstaller"/><EventID>1024</EventID></System><EventData><Data>${failed}</Data></EventData></Event>`
    expect(attemptOf(readOne(utf8(['<Events>', xml, '</Events>'])))).toMatchObject({
      outcome: 'failed',
      exitCode: 1603,
    })
  })
})
