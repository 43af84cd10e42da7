import { describe, expect, it } from 'vitest'
import { scriptPermission } from '../../../src/lab/msiexec/script-permission.js'
import type { LabServer } from '../../../src/lab/world/lab-server.js'
import {
  machinePolicy,
  shellPolicy,
  systemSid,
  userPolicy,
  userShellPolicy,
} from '../../../src/lab/world/windows-places.js'
import { serverOf } from './installation.js'

const localMachine =
  (policy: string) =>
  ({ registry }: LabServer) =>
    registry.set(shellPolicy, 'ExecutionPolicy', policy)
const byGroup =
  (key: string, enabled: number, policy = 'AllSigned') =>
  ({ registry }: LabServer) => {
    registry.set(key, 'EnableScripts', enabled)
    registry.set(key, 'ExecutionPolicy', policy)
  }

describe('whether PowerShell runs a script of Exchange’s', () => {
  it.each<[string, (server: LabServer) => void, string]>([
    ['RemoteSigned', localMachine('RemoteSigned'), 'runs'],
    ['Unrestricted', localMachine('Unrestricted'), 'runs'],
    ['Restricted', localMachine('Restricted'), 'scripts-disabled'],
    ['AllSigned, where nobody can be asked', localMachine('AllSigned'), 'authorization-manager'],
    ['no policy at all', ({ registry }) => registry.delete(shellPolicy, 'ExecutionPolicy'), 'scripts-disabled'],
    [
      'the account’s own policy before the machine’s',
      ({ registry }) => registry.set(userShellPolicy(systemSid), 'ExecutionPolicy', 'Restricted'),
      'scripts-disabled',
    ],
    ['a Group Policy that forbids scripts', byGroup(machinePolicy, 0), 'scripts-disabled'],
    ['a Group Policy that allows signed ones', byGroup(machinePolicy, 1), 'runs'],
    ['a Group Policy of another account', byGroup(userPolicy('S-1-5-21-1'), 0), 'runs'],
  ])('%s', (_what, make, permission) => {
    const server = serverOf('hub')
    make(server)
    expect(scriptPermission(server, systemSid)).toBe(permission)
  })

  it.each(['AllSigned', 'RemoteSigned', 'Unrestricted'])(
    'not while WMI is stopped, where Group Policy says %s (KB2810617)',
    async policy => {
      const server = serverOf('hub')
      byGroup(machinePolicy, 1, policy)(server)
      await server.services.stopWithDependents('Winmgmt')
      expect(scriptPermission(server, systemSid)).toBe('authorization-manager')
      server.registry.deleteKey(machinePolicy)
      expect(scriptPermission(server, systemSid)).toBe('runs')
    },
  )
})
