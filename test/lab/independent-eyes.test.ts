import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'

import { hasOpenSsh, OpenSsh } from './endpoint/openssh.js'
import { type StartedLab, startLab } from './start-lab.js'

const servers = 40
const seed = 7

function ports(started: StartedLab): { name: string; port: number }[] {
  return (parse(readFileSync(started.inventory, 'utf8')) as { servers: { name: string; port: number }[] }).servers
}

// Skipped where OpenSSH's ssh and sftp are not installed: the point is that they are not ours.
describe.skipIf(!hasOpenSsh)('a lab of 40 servers, looked at through OpenSSH', () => {
  let started: StartedLab
  beforeAll(async () => {
    started = await startLab({ servers, seed })
  })
  afterAll(() => started.dispose())

  const look = async (name: string, act: (client: OpenSsh) => Promise<void>): Promise<void> => {
    const found = ports(started).find(server => server.name === name)
    const client = new OpenSsh(found?.port ?? 0, started.lab.password)
    try {
      await act(client)
    } finally {
      client.dispose()
    }
  }

  it('has as many servers as asked for, each at a port of its own', () => {
    expect(ports(started)).toHaveLength(servers)
    expect(new Set(ports(started).map(server => server.port)).size).toBe(servers)
    expect(Object.keys(started.lab.state().servers)).toEqual(ports(started).map(server => server.name))
  })

  it.each(['ex-mbx-01', 'ex-edge-01', 'ex-mbx-02b', 'ex-cas-05'])(
    'shows over ssh and sftp of %s the cached packages that the state claims',
    name =>
      look(name, async client => {
        const claimed = [...(started.lab.state().servers[name]?.cacheFiles ?? [])].sort()
        expect(claimed.length).toBeGreaterThan(0)
        const listed = await client.sftp(['cd /C:/Windows/Installer', 'ls -1'])
        expect(packagesIn(listed.stdout.toString())).toEqual(claimed)
        const shown = await client.ssh(['dir /b C:\\\\Windows\\\\Installer'])
        expect(packagesIn(shown.stdout.toString())).toEqual(claimed)
      }),
  )

  it('gives the same bytes of a cached package over sftp as certutil hashes on the server', () =>
    look('ex-mbx-01', async client => {
      const [name] = started.lab.state().servers['ex-mbx-01']?.cacheFiles ?? []
      await client.sftp([`get "/C:/Windows/Installer/${name}" "${client.file('package')}"`])
      const digest = createHash('sha256')
        .update(readFileSync(client.file('package')))
        .digest('hex')
      const hashed = await client.ssh([`certutil -hashfile C:\\\\Windows\\\\Installer\\\\${name} SHA256`])
      expect(hashed.stdout.toString().replaceAll(' ', '')).toContain(digest)
    }))

  it('keeps a file that was put there, and counts it as a change', () =>
    look('ex-hub-01', async client => {
      const before = started.lab.state().servers['ex-hub-01']
      writeFileSync(client.file('note.txt'), 'put here from outside')
      const ended = await client.sftp([`put "${client.file('note.txt')}" note.txt`])
      expect(ended.code).toBe(0)
      expect((await client.ssh(['type note.txt'])).stdout.toString()).toBe('put here from outside')
      expect(started.lab.state().servers['ex-hub-01']?.writes).toBeGreaterThan(before?.writes ?? 0)
    }))

  it('changes nothing by being looked at', () =>
    look('ex-cas-01', async client => {
      const before = started.lab.state().servers['ex-cas-01']
      await client.ssh(['dir C:\\\\Windows & whoami & ver'])
      await client.sftp(['ls /C:/', 'ls /C:/Windows'])
      expect(started.lab.state().servers['ex-cas-01']).toEqual(before)
    }))
})

describe('a lab started twice with one seed', () => {
  it('holds the same fleet in the same state', async () => {
    const [one, two, other] = await Promise.all([
      startLab({ servers: 12, seed }),
      startLab({ servers: 12, seed }),
      startLab({ servers: 12, seed: seed + 1 }),
    ])
    try {
      expect(one.lab.state()).toEqual(two.lab.state())
      expect(other.lab.state()).not.toEqual(one.lab.state())
    } finally {
      await Promise.all([one, two, other].map(lab => lab.dispose()))
    }
  })
})

function packagesIn(listing: string): string[] {
  return [...listing.matchAll(/[\w-]+\.ms[ip]\b/gi)].map(match => match[0]).sort()
}
