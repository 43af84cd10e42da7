import { describe, expect, it } from 'vitest'
import { VerboseLog } from '../../../src/lab/msiexec/verbose-log.js'
import { labEpoch } from '../../../src/lab/world/clock.js'
import { logLines, logPath, serverOf } from './installation.js'

const ids = { client: '58', clientThread: '50', server: 'DC', serverThread: 'C8', customThread: 'BC' }

describe('a verbose log', () => {
  it('has the shapes that Windows Installer writes', () => {
    const server = serverOf('hub')
    const log = new VerboseLog(server, logPath, ids)
    log.client('Resetting cached policy values')
    log.engine('Note: 1: 1729')
    log.custom('PROPERTY CHANGE: Deleting X property.')
    log.actionStart('INSTALL')
    log.actionEnded('INSTALL', 3)
    log.bare('CAQuietExec:  Error 0x80070001: CAQuietExec Failed')
    log.close()
    const time = String.raw`\[\d\d:\d\d:\d\d:\d{3}\]`
    const shapes = [
      /^=== Verbose logging started: 10\/\d+\/2008 {2}\d{1,2}:\d\d:\d\d {2}Build type: SHIP UNICODE 4\.05\.6002\.00 {2}Calling process: C:\\Windows\\system32\\msiexec\.exe ===$/,
      new RegExp(String.raw`^MSI \(c\) \(58:50\) ${time}: Resetting cached policy values$`),
      new RegExp(String.raw`^MSI \(s\) \(DC:C8\) ${time}: Note: 1: 1729$`),
      new RegExp(String.raw`^MSI \(s\) \(DC!BC\) ${time}: PROPERTY CHANGE: Deleting X property\.$`),
      /^Action start \d{1,2}:\d\d:\d\d: INSTALL\.$/,
      /^Action ended \d{1,2}:\d\d:\d\d: INSTALL\. Return value 3\.$/,
      /^CAQuietExec: {2}Error 0x80070001: CAQuietExec Failed$/,
      /^=== Verbose logging stopped: 10\/\d+\/2008 {2}\d{1,2}:\d\d:\d\d ===$/,
      /^$/,
      /^$/,
    ]
    const lines = logLines(server)
    expect(lines).toHaveLength(shapes.length)
    lines.forEach((line, index) => {
      expect(line).toMatch(shapes[index] ?? /never/)
    })
  })

  it('writes no leading zero into the hour of an action, and two digits into a prefix', () => {
    const server = serverOf('hub')
    server.clock.set(Date.UTC(2008, 9, 15, 6, 5, 4) - server.clock.now().getTime())
    const log = new VerboseLog(server, logPath, ids)
    log.actionStart('INSTALL')
    log.engine('x')
    log.flush()
    expect(logLines(server)[1]).toMatch(/^Action start 6:/)
    expect(logLines(server)[2]).toMatch(/\[06:/)
  })

  it('spreads the times of bulk work over the time it took', () => {
    const server = serverOf('hub')
    const log = new VerboseLog(server, logPath, ids)
    log.engineOver(['a', 'b', 'c', 'd'], labEpoch, labEpoch + 4000)
    log.flush()
    expect(
      logLines(server)
        .slice(1, 5)
        .map(line => line.slice(17, 29)),
    ).toEqual(['20:00:01:000', '20:00:02:000', '20:00:03:000', '20:00:04:000'])
  })

  it('begins anew where a log stood already', () => {
    const server = serverOf('hub')
    new VerboseLog(server, logPath, ids).close()
    new VerboseLog(server, logPath, ids).close()
    expect(logLines(server).filter(line => line.startsWith('=== Verbose logging started'))).toHaveLength(1)
  })
})
