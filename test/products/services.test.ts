import { describe, expect, it } from 'vitest'
import { generationNames } from '../../src/products/load.js'
import { defaultServices, disabledByInstaller } from '../../src/products/services.js'

const startTypeOf = (generation: string, roles: string[]) =>
  new Map(defaultServices(generation, roles).map(({ name, startType }) => [name, startType]))

describe('defaultServices', () => {
  it('gives a 2007 mailbox server its own services and not those of other roles', () => {
    const services = startTypeOf('2007', ['mailbox'])
    expect(services.get('MSExchangeIS')).toBe('Automatic')
    expect(services.get('MSExchangeMonitoring')).toBe('Manual')
    expect(services.has('MSExchangeTransport')).toBe(false)
    expect(services.has('MSExchangePOP3')).toBe(false)
  })

  it('leaves POP3 and IMAP4 Manual in every generation: starting them for everybody is the well-known mistake', () => {
    for (const generation of generationNames) {
      const services = startTypeOf(generation, ['cas', 'mailbox'])
      expect(services.get('MSExchangePOP3')).toBe('Manual')
      expect(services.get('MSExchangeIMAP4')).toBe('Manual')
    }
  })

  it('gives a server of two roles each service once', () => {
    const names = defaultServices('2007', ['cas', 'hub']).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(expect.arrayContaining(['MSExchangeFDS', 'MSExchangeTransport', 'W3SVC']))
  })

  it('knows nothing of a generation it does not have', () => {
    expect(defaultServices('2003', ['mailbox'])).toEqual([])
  })
})

describe('disabledByInstaller', () => {
  it('names the services outside Exchange that the installer turns off too, on whatever role', () => {
    for (const generation of generationNames) {
      for (const role of ['mailbox', 'edge']) {
        const names = disabledByInstaller(generation, [role])
        expect(names).toEqual(
          expect.arrayContaining(['Winmgmt', 'RemoteRegistry', 'pla', 'HealthService', 'OnePoint', 'MOM', 'OMCFG']),
        )
      }
      expect(disabledByInstaller(generation, ['mailbox'])).toEqual(expect.arrayContaining(['W3SVC', 'IISADMIN']))
    }
  })

  it('leaves the Cluster service out: it is stopped and started again, its start type stays', () => {
    expect(disabledByInstaller('2007', ['mailbox'])).not.toContain('ClusSvc')
    expect(startTypeOf('2007', ['mailbox']).get('ClusSvc')).toBe('Automatic')
  })

  it('takes the filtering service with it from 2013 on', () => {
    expect(disabledByInstaller('2010', ['mailbox', 'hub'])).not.toContain('FMS')
    expect(disabledByInstaller('2013', ['mailbox'])).toContain('FMS')
  })
})
