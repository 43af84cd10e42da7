import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Shell } from '../../../src/transport/winrm/shell/shell.js'
import { describeHolders, readOpenShells } from '../../../src/transport/winrm/wsman/open-shells.js'
import { clientTo, type Listener, startListener } from './listener.js'

let listener: Listener

beforeEach(async () => {
  listener = await startListener({ maxShellsPerUser: 500 })
})
afterEach(() => listener.close())

describe('the shells that are open on a server', () => {
  it.for([0, 1, 100, 101, 201])('are read, however many answers it takes: %d', async count => {
    const { client, pool } = await clientTo(listener.port, { operationTimeoutMs: 5000, answerGraceMs: 5000 })
    for (let at = 0; at < count; at += 1) await Shell.create(client)
    const shells = await readOpenShells(client)
    expect(shells).toEqual(Array.from({ length: count }, () => ({ owner: 'exadmin', clientIp: '127.0.0.1' })))
    pool.close()
  })

  it('are told of by who has them, the most first', () => {
    const of = (owner: string, clientIp: string, count: number) =>
      Array.from({ length: count }, () => ({ owner, clientIp }))
    const shells = [...of('A', '10.0.0.1', 1), ...of('B', '10.0.0.2', 3), ...of('A', '10.0.0.2', 2), ...of('', '', 1)]
    expect(describeHolders(shells)).toBe(
      '3 of B from 10.0.0.2, 2 of A from 10.0.0.2, 1 of A from 10.0.0.1, 1 of somebody',
    )
    expect(describeHolders([...shells, ...of('C', '', 1)])).toMatch(/, others$/)
    expect(describeHolders([])).toBe('')
  })
})
