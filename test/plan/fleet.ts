import fc from 'fast-check'
import { type Cluster, type InventoryServer, type Role, roles } from '../../src/inventory/model.js'
import type { Amount, Playbook, Rollout } from '../../src/playbook/model.js'

/** A server with what the plan looks at; the rest is as plain as it can be. */
export function server(
  name: string,
  its: { roles?: Role[]; internetFacing?: boolean; cluster?: Cluster } = {},
): InventoryServer {
  return {
    name,
    host: `${name}.contoso.com`,
    port: 22,
    transport: 'ssh',
    roles: its.roles ?? ['mailbox'],
    groups: [],
    internetFacing: its.internetFacing ?? false,
    ...(its.cluster === undefined ? {} : { cluster: its.cluster }),
    credential: { name: 'exadmin', username: 'CONTOSO\\exadmin' },
    ssh: {},
    winrm: {},
  }
}

export function playbook(rollout: Partial<Rollout> = {}): Playbook {
  return {
    file: '/playbooks/apply-rollup.yaml',
    name: 'Exchange 2007 SP1, Update Rollup 4',
    action: 'apply',
    rollout: {
      order: ['edge', 'cas', 'hub', 'um', 'mailbox'],
      canary: 1,
      serial: [{ count: 1 }, { count: 5 }, { percent: 25 }],
      throttle: 25,
      maxFail: { count: 0 },
      onFailure: 'finish-batch',
      between: { soakMs: 0, confirm: false, health: [] },
      windows: [],
      ...rollout,
    },
    allow: [],
    settings: { crlCheck: 'auto', serverCertificateRevocation: 'leave', executionPolicy: 'auto', after: 'previous' },
    install: {
      timeoutMs: 7_200_000,
      stallAfterMs: 1_500_000,
      onStall: 'report',
      runAs: 'system',
      log: '/lxv*',
      reboot: 'if-needed',
    },
    services: { startTimeoutMs: 900_000 },
    verify: ['build'],
    collect: ['msi'],
    hooks: {},
    notify: {},
  }
}

export const anyAmount: fc.Arbitrary<Amount> = fc.oneof(
  fc.record({ count: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
)

const anyTolerance: fc.Arbitrary<Amount> = fc.oneof(
  fc.record({ count: fc.nat(12) }),
  fc.record({ percent: fc.nat(100) }),
)

const anyCluster: fc.Arbitrary<Cluster> = fc.record({
  type: fc.constantFrom('ccr' as const, 'scc' as const, 'dag' as const),
  name: fc.constantFrom('CMS1', 'CMS2', 'DAG1'),
})

/** Up to 40 servers with names of their own; names differ in more than case, as the inventory demands. */
export const anyFleet: fc.Arbitrary<InventoryServer[]> = fc
  .uniqueArray(
    fc.record({
      name: fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{0,8}$/),
      roles: fc.uniqueArray(fc.constantFrom(...roles), { minLength: 1, maxLength: 3 }),
      internetFacing: fc.boolean(),
      cluster: fc.option(anyCluster, { nil: undefined, freq: 4 }),
    }),
    { maxLength: 40, selector: ({ name }) => name.toLowerCase() },
  )
  .map(fleet =>
    fleet.map(({ name, cluster, ...its }) => server(name, cluster === undefined ? its : { ...its, cluster })),
  )

export const anyPlaybook: fc.Arbitrary<Playbook> = fc
  .record({
    order: fc.uniqueArray(fc.constantFrom(...roles), { minLength: 1 }),
    canary: fc.nat(5),
    serial: fc.array(anyAmount, { minLength: 1, maxLength: 4 }),
    throttle: fc.integer({ min: 1, max: 25 }),
    maxFail: anyTolerance,
    maxFailPerBatch: fc.option(anyTolerance, { nil: undefined }),
    onFailure: fc.constantFrom('finish-batch' as const, 'stop-starting' as const, 'continue' as const),
  })
  .map(({ maxFailPerBatch, ...rollout }) =>
    playbook(maxFailPerBatch === undefined ? rollout : { ...rollout, maxFailPerBatch }),
  )
