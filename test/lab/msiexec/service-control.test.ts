import { describe, expect, it } from 'vitest'
import { readLog } from '../../../src/diagnosis/read-log.js'
import { afterPatch, beforePatch, serviceControlLog } from '../../../src/lab/msiexec/service-control.js'
import { startupModeFile, stateFile } from '../../../src/lab/msiexec/service-state-file.js'
import type { LabServer } from '../../../src/lab/world/lab-server.js'
import { serverOf } from './installation.js'

const { signal } = new AbortController()
const said = (server: LabServer): string => server.files.text(serviceControlLog)
const found = (server: LabServer, name: string) => server.services.find(name)

describe('ServiceControl.ps1', () => {
  it.each(['mailbox', 'cas', 'hub', 'edge', 'um'])(
    'BeforePatch, then AfterPatch: a %s server is as before',
    async role => {
      const server = serverOf(role)
      const before = server.services.lines()
      expect(await beforePatch(server, signal)).toBe(0)
      for (const name of ['Winmgmt', 'RemoteRegistry', 'pla']) {
        expect(found(server, name)).toMatchObject({ startType: 'Disabled', state: 'Stopped' })
      }
      expect(await afterPatch(server, signal)).toBe(0)
      expect(server.services.lines()).toEqual(before)
      expect([stateFile, startupModeFile].map(path => server.files.exists(path))).toEqual([false, false])
    },
  )

  it('stops what needs a service before the service, and disables only when all are stopped', async () => {
    const server = serverOf('mailbox')
    await beforePatch(server, signal)
    const lines = said(server).split('\r\n')
    const firstDisabled = lines.findIndex(line => line.includes('Disabling service'))
    expect(lines.findLastIndex(line => line.includes('Stopping service'))).toBeLessThan(firstDisabled)
    expect(lines.every(line => line === '' || /^\[\d\d:\d\d:\d\d\] /.test(line))).toBe(true)
  })

  it('gives up at the first service that does not stop, names it, and disables nothing', async () => {
    const server = serverOf('hub')
    server.services.refuseStop('MSExchangeTransport')
    expect(await beforePatch(server, signal)).toBe(1)
    expect(said(server)).toMatch(
      /Stopping service 'MSExchangeTransport'\.\r\n\[[\d:]+\] \[Error\] Unable to stop all services for 'Bridgehead'.*\r\n.*with one or more errors/,
    )
    expect(found(server, 'MSExchangeTransport')).toMatchObject({ startType: 'Automatic', state: 'Running' })
    expect(readLog(server.files.read(serviceControlLog), () => []).attempts).toMatchObject([{ outcome: 'failed' }])
  })

  it('takes a disabled state for the truth when it is run again after a patch that never ended (retry poisoning)', async () => {
    const server = serverOf('cas')
    await beforePatch(server, signal)
    await beforePatch(server, signal)
    expect(said(server)).toContain(`State file ${stateFile} already exists. Overwrite is specified.`)
    await afterPatch(server, signal)
    expect(found(server, 'W3SVC')).toMatchObject({ startType: 'Disabled', state: 'Stopped' })
  })

  it('cannot give a start type back that WMI did not tell it', async () => {
    const server = serverOf('cas')
    server.hiddenFromWmi.add('w3svc')
    await beforePatch(server, signal)
    await afterPatch(server, signal)
    expect(found(server, 'W3SVC')).toMatchObject({ startType: 'Disabled', state: 'Stopped' })
    expect(found(server, 'IISADMIN')).toMatchObject({ startType: 'Automatic', state: 'Running' })
  })

  it('leaves start types as they are once its files are gone', async () => {
    const server = serverOf('um')
    await beforePatch(server, signal)
    for (const path of [stateFile, startupModeFile]) server.files.remove(path)
    expect(await afterPatch(server, signal)).toBe(0)
    expect(found(server, 'MSExchangeUM')).toMatchObject({ startType: 'Disabled', state: 'Stopped' })
  })

  it('knows no delayed start: what started late starts early afterwards', async () => {
    const server = serverOf('um')
    server.services.configure('MSExchangeUM', 'AutomaticDelayed')
    await beforePatch(server, signal)
    await afterPatch(server, signal)
    expect(found(server, 'MSExchangeUM')?.startType).toBe('Automatic')
  })

  it('stops and starts the Cluster service of a node and leaves its start type alone', async () => {
    const server = serverOf('mailbox', { servers: 8 })
    server.services.add({
      name: 'ClusSvc',
      displayName: 'Cluster Service',
      startType: 'Automatic',
      state: 'Running',
      dependsOn: [],
    })
    await beforePatch(server, signal)
    expect(found(server, 'ClusSvc')).toMatchObject({ startType: 'Automatic', state: 'Stopped' })
    await afterPatch(server, signal)
    expect(found(server, 'ClusSvc')?.state).toBe('Running')
  })
})
