import { describe, expect, it } from 'vitest'
import { serviceNamed } from '../../src/diagnosis/service-name.js'

describe('the service that a message tells of', () => {
  it.each([
    [
      "Service 'MSExchangeFrontendTransport' failed to reach status 'Running' on this server.",
      'MSExchangeFrontendTransport',
    ],
    ["Service 'Microsoft Exchange Transport (MSExchangeTransport)' cannot be stopped", 'MSExchangeTransport'],
    ["Error 1921. Service 'Microsoft Exchange Information Store' (MSExchangeIS) could not be stopped.", 'MSExchangeIS'],
    ["Error 1921. Service 'Contoso Mail' could not be stopped.", undefined],
    ['Note: 1: 1921 2: Contoso Mail 3: ContosoMail', undefined],
  ])('%s', (text, name) => {
    expect(serviceNamed(text)).toBe(name)
  })
})
