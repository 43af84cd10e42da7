/**
 * The name of the service that a message tells of: `Service 'MSExchangeTransport' failed`, `Service 'Microsoft Exchange Transport
 * (MSExchangeTransport)' cannot`, `Service 'Microsoft Exchange Transport' (MSExchangeTransport) could not`.
 */
export function serviceNamed(text: string): string | undefined {
  const found = /\bservice '(?:([\w$]+)'|[^']{1,100}\(([\w$]+)\)'|[^']{1,100}' ?\(([\w$]+)\))/i.exec(text)
  return found?.[1] ?? found?.[2] ?? found?.[3]
}
