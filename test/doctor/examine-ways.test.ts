import { afterEach, describe, expect, it } from 'vitest'
import { examineWays } from '../../src/doctor/examine-ways.js'
import { examinedWaysLines } from '../../src/doctor/report-text.js'
import type { InventoryServer } from '../../src/inventory/model.js'
import { parseInventory } from '../../src/inventory/parse.js'
import { Lab } from '../../src/lab/lab.js'
import { openSecrets } from '../../src/secrets/secrets.js'

const toClose: (() => unknown)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

async function labServer(password?: string) {
  const lab = await Lab.start({ servers: 1, seed: 3, faults: [], timeScale: 600, transport: 'ssh' })
  toClose.push(() => lab.dispose())
  const { servers } = parseInventory(lab.inventoryYaml({ passwordFile: '/nowhere' }), '/inventory.yaml')
  const [found] = servers
  if (found === undefined) throw new Error('no server')
  const credential = { name: 'lab', username: 'EXLAB\\exadmin', password: { env: 'PASSWORD' } }
  const server: InventoryServer = { ...found, credential, transport: 'auto', winrm: { scheme: 'http' } }
  return { server, secrets: openSecrets({ env: { PASSWORD: password ?? lab.password } }) }
}

/** Of TCPMUX (RFC 1078), which nobody has. */
const closedPort = 1

const summary = (ways: { transport: string; reached: boolean }[]) =>
  ways.map(({ transport, reached }) => `${transport} ${reached ? 'works' : 'does not'}`)

describe('doctor at a server with transport: auto', () => {
  it('shows the way that a run takes, hop by hop, and looks at no further one', async () => {
    const { server, secrets } = await labServer()
    const examined = await examineWays(server, secrets)
    expect(summary(examined.ways)).toEqual(['ssh works'])
    expect(examined.chosen).toBe('ssh')
    const lines = examinedWaysLines(examined)
    expect(lines[0]).toBe(`ex-mbx-01 (127.0.0.1:${server.port}, ssh)`)
    expect(lines.at(-1)).toBe('transport: auto takes ssh')
  })

  it('looks at each way in its turn until one works, and says where each ends', async () => {
    const { server, secrets } = await labServer()
    const examined = await examineWays({ ...server, port: closedPort }, secrets)
    expect(summary(examined.ways)).toEqual(['ssh does not', 'winrm does not'])
    for (const { hops } of examined.ways) {
      expect(hops.find(({ outcome }) => outcome === 'failed')).toMatchObject({ hop: 'port', code: expect.any(String) })
    }
    expect(examined.chosen).toBeNull()
    expect(examinedWaysLines(examined).at(-1)).toBe('transport: auto finds no way that works')
  })

  it('does not try a refused password another way', async () => {
    const { server, secrets } = await labServer('wrong')
    const examined = await examineWays(server, secrets)
    expect(summary(examined.ways)).toEqual(['ssh does not'])
    expect(examinedWaysLines(examined).at(-1)).toContain('a refused credential is not tried another way')
  })
})
