const long = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const short = (value: number): Buffer => long(value).subarray(2)
const data = (bytes: string | Buffer): Buffer => Buffer.concat([long(bytes.length), Buffer.from(bytes)])
const principal = (...names: string[]): Buffer =>
  Buffer.concat([long(1), long(names.length), data('EXLAB.EXAMPLE'), ...names.map(data)])

/** A cache file of MIT with one ticket for each key; type 18 = AES-256. */
export function cacheFile(version: 3 | 4, tickets: { key: Buffer; ticket: Buffer; type?: number }[]): Buffer {
  const head = version === 4 ? Buffer.concat([short(0x0504), short(12), Buffer.alloc(12)]) : short(0x0503)
  const entries = tickets.map(({ key, ticket, type = 18 }) =>
    Buffer.concat([
      principal('exadmin'),
      principal('HTTP', 'ex-01'),
      short(type),
      version === 3 ? short(type) : Buffer.alloc(0),
      data(key),
      Buffer.alloc(4 * 4 + 1 + 4),
      long(1),
      short(2),
      data('addr'),
      long(0),
      data(ticket),
      data(''),
    ]),
  )
  return Buffer.concat([head, principal('exadmin'), ...entries])
}
