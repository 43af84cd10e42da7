import type { PackageInfo } from '../../src/products/model.js'
import type { Readiness, ServerFact } from '../../src/scripts/catalog.js'

/** A healthy Exchange 2007 SP1 server below the update's level. */
export function healthyFact(change: Partial<ServerFact> = {}): ServerFact {
  return {
    computerName: 'EX-CAS-01',
    osVersion: '6.0.6002',
    powershellVersion: '2.0',
    now: '2008-10-14T22:00:00.000Z',
    uptimeMs: 86_400_000,
    bootId: 'boot-1',
    logon: { user: 'CONTOSO\\exadmin', sid: 'S-1-5-21-1-2-3-1104', elevated: true },
    jobAccount: null,
    exchange: {
      generation: '2007',
      installPath: 'C:\\Program Files\\Microsoft\\Exchange Server\\',
      build: '8.1.278.2',
      architecture: 'x64',
      productCode: '{24B2C164-DE66-44FE-B468-A46D9D5E6B31}',
      roles: ['cas'],
    },
    updates: [],
    settings: {
      crl: { 'S-1-5-18': 0x23c00 },
      serverCertificateRevocation: {},
      executionPolicy: {
        MachinePolicy: null,
        UserPolicy: null,
        CurrentUser: null,
        LocalMachine: 'RemoteSigned',
        LocalMachine32: null,
      },
      installerLogging: null,
    },
    services: [],
    cluster: null,
    ...change,
  }
}

export function readiness(change: Partial<Readiness> = {}): Readiness {
  return {
    elevated: true,
    logonNote: 'CONTOSO\\exadmin, full token',
    freeBytes: 40e9,
    pendingReboot: [],
    leftoverState: [],
    missingCache: [],
    registration: { productReadable: true, danglingPatches: [] },
    armedRun: null,
    installerBusy: false,
    crl: { reachable: true, detail: '' },
    staged: false,
    ...change,
  }
}

export const rollup4: PackageInfo = {
  name: 'Exchange2007-KB952580-x64-EN.msp',
  bytes: 200_000,
  sha256: 'a'.repeat(64),
  patchCode: '{11111111-2222-3333-4444-555555555555}',
  obsoletes: [],
  productCodes: ['{24B2C164-DE66-44FE-B468-A46D9D5E6B31}'],
  displayName: 'Update Rollup 4 for Exchange Server 2007 Service Pack 1 (KB952580) 8.1.311.3',
  kb: 'KB952580',
  build: '8.1.311.3',
  architecture: 'x64',
}
